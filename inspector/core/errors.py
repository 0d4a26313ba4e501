"""What the product says when it will not do a thing. Every message names the reason and the remedy."""

from typing import Any

from django.conf import settings
from django.core.exceptions import (
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)


class Refused(Exception):
    """A request that is understood and will not be done; shown to the person, never a stack trace.

    `code` is stable, for programs; `message` is for people; `status` is its HTTP status. `see` is what the
    message speaks of and a person may want to open: a model with an address.
    """

    status = 400

    def __init__(self, code: str, message: str, *, status: int | None = None, see: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.see = see
        if status is not None:
            self.status = status


class Conflict(Refused):
    """The thing is in a state that forbids it (a second open run, a version already active)."""

    status = 409


def refusal_of(exception: Exception) -> Refused:
    """What Django stops reading and would answer with two words."""
    if isinstance(exception, TooManyFilesSent):
        limit = settings.DATA_UPLOAD_MAX_NUMBER_FILES
        return Refused("too_many_files", f"At most {limit} files at once. Send the others afterwards.")
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
        return Refused("too_much_data", "The request has more or longer fields than any needs.", status=413)
    return Refused("bad_request", "The request cannot be understood. Go back, reload the page and try again.")
