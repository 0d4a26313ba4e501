"""What to answer when the database, a disk or a temporary folder fails a request: no fault of the program."""

import errno
import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import InterfaceError, InternalError, OperationalError, ProgrammingError


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
OUTDATED = Fault(
    "database_outdated",
    "The database is not up to date with this version of Inspector. Tell an admin: “manage.py migrate” "
    "brings it up to date.",
    503,
)
# PostgreSQL: SQLSTATE. SQLite: its primary result codes.
_BY_STATE = {
    "53100": FULL,
    "25006": READ_ONLY,
    "57014": SLOW,
    "55P03": SLOW,
    "42P01": OUTDATED,
    "42703": OUTDATED,
}
_BY_CODE = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_BUSY: SLOW,
}
# What speaks to S3-compatible storage; imported only where that is used.
_STORAGE_CLIENTS = ("botocore", "boto3", "s3transfer", "urllib3")
REFUSALS = (400, 401, 403)  # 400: a token that has expired
_SQLITE_NEEDS = 64 * 1024  # bytes, for the index of its log
_FULL_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# PostgreSQL's read-only is an InternalError, its missing table a ProgrammingError.
_Database = (OperationalError, InterfaceError, InternalError, ProgrammingError)
_SQLITE_OUTDATED = re.compile("no such (table|column)|has no column")


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
    known = known or _of_sqlite(cause)
    return known or (AWAY if isinstance(problem, OperationalError | InterfaceError) else None)


def _of_sqlite(problem: BaseException | None) -> Fault | None:
    code = getattr(problem, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_ERROR and _SQLITE_OUTDATED.search(str(problem)):
        return OUTDATED
    # On a full disk it cannot even make the file that its readers share, and calls that an I/O error.
    if code == sqlite3.SQLITE_IOERR and not _has_room():
        return FULL
    return _BY_CODE.get(code)


def _has_room() -> bool:
    try:
        return shutil.disk_usage(Path(settings.DATABASES["default"]["NAME"]).parent).free >= _SQLITE_NEEDS
    except OSError:
        return True  # the disk has another fault than being full


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
