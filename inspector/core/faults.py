"""What to answer when the database, a disk or a temporary folder fails a request: no fault of the program."""

import errno
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import InterfaceError, InternalError, OperationalError

Away = (OperationalError, InterfaceError, OSError)


@dataclass(frozen=True, slots=True)
class Fault:
    """As of a `core.errors.Refused`."""

    code: str
    message: str
    status: int


AWAY = Fault(
    "unavailable",
    "The database or the storage cannot be reached. Try again in a minute; tell an admin if it persists.",
    503,
)
FULL = Fault(
    "disk_full",
    "The disk of the database is full, so nothing was saved. Tell an admin: some space must be freed there.",
    507,
)
STORAGE = Fault(
    "unavailable",
    "The storage of the photos cannot be reached, or refuses access. Try again in a minute; tell an admin if "
    "it lasts: the health page says more.",
    503,
)
NO_ROOM = Fault(
    "disk_full",
    "A disk of the server is full, so nothing was saved. Tell an admin: some space must be freed there.",
    507,
)
READ_ONLY = Fault(
    "read_only",
    "The database can only be read at the moment, so nothing was saved. Tell an admin: its disk, or the "
    "server, is read-only.",
    507,
)
SLOW = Fault(
    "too_slow",
    "The database took too long, so this was stopped and nothing was saved. Try again in a minute; ask for "
    "less, such as a shorter time, where you can.",
    503,
)
# PostgreSQL: SQLSTATE. SQLite: its primary result codes.
_BY_STATE = {"53100": FULL, "25006": READ_ONLY, "57014": SLOW, "55P03": SLOW}
_BY_CODE = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_BUSY: SLOW,
}
# What speaks to S3-compatible storage; imported only where that is used.
_STORAGE_CLIENTS = ("botocore", "boto3", "s3transfer", "urllib3")
REFUSALS = (400, 401, 403)  # 400: a token that has expired
_FULL_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# PostgreSQL's read-only is an InternalError.
_Database = (OperationalError, InterfaceError, InternalError)


def fault_of(problem: BaseException | None) -> Fault | None:
    """What to answer to it; None where it is the program's own fault."""
    if problem is not None and of_storage(problem):
        return STORAGE
    if isinstance(problem, OSError):
        return NO_ROOM if problem.errno in _FULL_DISK else AWAY
    if not isinstance(problem, _Database):
        return None
    cause = problem.__cause__
    known = _BY_STATE.get(getattr(cause, "sqlstate", None) or "")
    known = known or _BY_CODE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    return known or (None if isinstance(problem, InternalError) else AWAY)


def of_storage(problem: BaseException) -> bool:
    """Whether S3-compatible storage did not answer, or would not."""
    return type(problem).__module__.startswith(_STORAGE_CLIENTS)


def words_of_storage(problem: BaseException) -> str:
    """Whether it is away, refuses, or has a fault of its own: each is looked for elsewhere."""
    if is_silent(problem):
        return "The storage does not answer."
    answer: dict[str, Any] = getattr(problem, "response", {})
    code = answer.get("Error", {}).get("Code", "?")
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status in REFUSALS:
        return f"The storage refuses access ({code}): its key or the rights of that key are not valid."
    return f"The storage answers with an error ({code})."


def is_silent(problem: BaseException) -> bool:
    """Whether it did not answer at all, and will answer nobody else."""
    return of_storage(problem) and not getattr(problem, "response", None)


def behind(problem: BaseException) -> Iterator[BaseException]:
    """It, and what it was raised from or while handling."""
    seen: set[int] = set()
    one: BaseException | None = problem
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or one.__context__
