"""Bringing a backup back."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import DatabaseError

from inspector.core.backup import database, hashed, manifest, stored
from inspector.core.errors import Conflict


def restore(
    folder: Path, *, replace: bool = False, on_file: stored.OnFile = lambda number, name: None
) -> manifest.Manifest:
    """Put database and files of a backup in the place of this installation's.

    Everything is checked, files by their hash, before anything is changed. Conflict "not_empty" where this
    installation has accounts already, unless they are to be replaced, "being_restored" where another restore
    is under way on this machine; Refused for a backup that is
    unfinished, damaged, or of another database.
    """
    backup = manifest.read(folder)
    database.require_known(backup)
    database.require_whole(backup)
    hashed.verify(folder / "database", backup.database)
    hashed.verify(folder / "files", backup.files)
    if not replace and _in_use():
        raise Conflict(
            "not_empty",
            "This installation has accounts and records. Restore into a new one, or replace "
            "everything here with --replace.",
        )
    with _alone():
        # Files first: no row is to be seen without its own.
        stored.load(folder / "files", backup.files, on_file)
        database.load(folder / "database", backup)
    return backup


@contextmanager
def _alone() -> Iterator[None]:
    """Two that migrate the same database at once would spoil it. Conflict "being_restored"."""
    with (settings.VAR_DIR / "restore.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(
                "being_restored", "A backup is being restored here at this moment. Wait until it has ended."
            ) from None
        yield


def _in_use() -> bool:
    try:
        return get_user_model()._default_manager.exists()
    except DatabaseError:  # no table yet: a database that was never migrated
        return False
