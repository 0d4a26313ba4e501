"""What the product says when it refuses to do something. Every message names the reason and the remedy."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)

from detection import CannotWrite
from detection.files import storage

log = logging.getLogger(__name__)


class Refused(Exception):
    """A request that is understood and will not be done; shown to the person, never a stack trace.

    `code` is stable, for programs; `message` is for people; `status` is its HTTP status. `see` is what the
    message speaks of and a person may want to open: a model with an address. `fields`: what is wrong with
    which field of a form.
    """

    status = 400

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int | None = None,
        see: Any = None,
        fields: dict[str, list[str]] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.see = see
        self.fields = fields
        if status is not None:
            self.status = status


def body_of(refused: Refused) -> dict[str, Any]:
    """As the API gives it."""
    fields = {"fields": refused.fields} if refused.fields else {}
    return {"error": {"code": refused.code, "message": refused.message, **fields}}


class Conflict(Refused):
    """The state of things forbids it (a second open run, a version already active)."""

    status = 409


class NoRoom(Refused):
    """A disk takes no more files; the message names the folder. `code` as `detection.CannotWrite` has it."""

    status = 507


class UploadHasNoRoom(BadRequest):
    """The same while a request is read, where only Django's own kinds of exceptions are answered."""

    def __init__(self, refused: NoRoom) -> None:
        super().__init__(refused.message)
        self.refused = refused


@contextmanager
def writing_into(folder: Path | str) -> Iterator[None]:
    """While files are written into `folder`: what its disk refuses is logged and raised as NoRoom."""
    try:
        with storage.into(folder):
            yield
    except CannotWrite as error:
        log.error("%s (%s)", error, error.__cause__)
        raise NoRoom(error.code, str(error)) from error


def refusal_of(exception: Exception) -> Refused:
    """The refusal of a request that Django stops reading and would answer with two words."""
    if isinstance(exception, UploadHasNoRoom):
        return exception.refused
    if isinstance(exception, TooManyFilesSent):
        limit = settings.DATA_UPLOAD_MAX_NUMBER_FILES
        return Refused("too_many_files", f"Send at most {limit} files at once, and the others afterwards.")
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
        return Refused(
            "too_much_data", "The request has too many fields, or fields that are too long.", status=413
        )
    return Refused("bad_request", "The request cannot be understood. Go back, reload the page and try again.")
