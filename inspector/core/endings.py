"""Every way in which an attempt at a long job may end."""

import logging
import uuid
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils.text import capfirst

from detection import Cancelled, CannotWrite, DetectionError
from detection.faults import fault_of, raw
from inspector.core import jobs
from inspector.core.attempt import AnyLongJob, Attempt, LeaseLost, patiently
from inspector.core.errors import NoRoom, Refused
from inspector.core.faults import behind, of_storage, words_of_storage
from inspector.core.jobs import State

log = logging.getLogger(__name__)


def handle(
    kind: str, do: Callable[[Attempt[AnyLongJob]], None], attempt: Attempt[AnyLongJob], *, again: str
) -> None:
    """Do the job, and write how it ended. Raises only what ends this process. again: `work.Kind.again`."""
    job = attempt.job
    try:
        attempt.go_on()
        with attempt.watched():
            do(attempt)
        if not attempt.finished:
            patiently(attempt.finish)
    except LeaseLost:
        log.warning("%s: the lease ran out; another worker has it", job)
    except Cancelled:
        _stopped(attempt)
    except (DetectionError, Refused) as error:
        then = f" Then {again}." if isinstance(error, CannotWrite | NoRoom) else ""
        _failed(attempt, error.code, f"{error}{then}", getattr(error, "details", "") or _cause(error))
    except Exception as error:
        _crashed(kind, attempt, error, again)
    except BaseException:
        # This process has to end at once: the job must not have to wait for its lease to run out.
        _give_back(attempt)
        raise


def _stopped(attempt: Attempt[Any]) -> None:
    job = attempt.job
    if attempt.lost:
        log.warning("%s: the lease ran out; another worker has it", job)
    elif attempt.leaving:
        _give_back(attempt)
        log.info("%s: given back, this worker is shutting down", job)
    else:
        _end(attempt, state=State.CANCELLED, progress=attempt.progress)
        log.info("%s: cancelled", job)


def _give_back(attempt: Attempt[Any]) -> None:
    _patient(attempt, lambda: jobs.give_back_untried(jobs.held(type(attempt.job), attempt.token)))


def _failed(attempt: Attempt[Any], code: str, message: str, details: str) -> None:
    log.warning("%s: failed (%s): %s %s", attempt.job, code, message, details)
    _end(attempt, state=State.FAILED, error_code=code, error_message=message, error_details=details)


def _crashed(kind: str, attempt: Attempt[Any], error: Exception, again: str) -> None:
    log_id = uuid.uuid4().hex[:8]
    log.exception("%s: failed [%s]", attempt.job, log_id)
    fault = fault_of(error)
    code = fault.code if fault else f"{kind}_failed"
    why = fault.message if fault else f"The {kind} failed because of a fault in the program or the machine."
    if away := next(filter(of_storage, behind(error)), None):
        code, why = "storage_away", words_of_storage(away)
    message = (
        f"{why} {capfirst(again)}; if it happens again, tell the server's administrator: the worker's log "
        f"has the details beside {log_id}."
    )
    if isinstance(error, OperationalError | InterfaceError):
        # The database was away: tried again automatically, but not for ever.
        values = {"code": code, "message": message}
        _patient(attempt, lambda: jobs.give_back(type(attempt.job), attempt.token, **values))
    else:
        _failed(attempt, code, message, raw(error))


def _end(attempt: Attempt[Any], **values: Any) -> None:
    _patient(attempt, lambda: jobs.finish(type(attempt.job), attempt.job.pk, attempt.token, **values))


def _patient(attempt: Attempt[Any], write: Callable[[], object]) -> None:
    try:
        patiently(write)
    except DatabaseError:
        log.exception("%s: its end could not be stored; its lease will run out", attempt.job)


def _cause(error: Exception) -> str:
    return raw(error.__cause__) if error.__cause__ else ""
