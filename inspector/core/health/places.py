"""Checks of what every process needs: the database, the broker, the storage and room on the disks."""

import os
import shutil
import uuid
from functools import cache
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.template.defaultfilters import pluralize

from detection.files import storage as disk
from inspector.core.errors import NoRoom, writing_into
from inspector.core.health.checks import DATABASE, Check, Finding, register

# Less free space than the smaller of these is too little.
LOW_BYTES, LOW_SHARE = 2 * 1024**3, 0.05
BROKER_PATIENCE = {"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 1}
NAME = "health"


def database() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as problem:
        return Finding(
            f"The database does not answer ({_first_line(problem)}).",
            ill=True,
            remedy="Start it, or repair the connection to it.",
            see="the-page-says-503",
        )
    if missing := len(_migrations() - set(MigrationRecorder(connection).applied_migrations())):
        return Finding(
            f"The database is not up to date: {missing} migration{pluralize(missing)} missing.",
            ill=True,
            remedy="Run “manage.py migrate”.",
            see="the-page-says-503",
        )
    return Finding("The database answers.")


@cache
def _migrations() -> frozenset[tuple[str, str]]:
    """All that this version of Inspector has."""
    return frozenset(MigrationLoader(None).disk_migrations)


def stored() -> Finding:
    """Whether photos can be stored: by storing something."""
    try:
        if settings.STORAGE_URL:
            _into_bucket()
        else:
            with writing_into(settings.MEDIA_ROOT):
                disk.try_out(disk.make(Path(settings.MEDIA_ROOT)))
    except NoRoom as full:
        return _not_stored(full.message, "Photos are refused until then.", "the-disk-is-full")
    except Exception as problem:
        text = f"The storage of photos cannot be written to ({_first_line(problem)})."
        return _not_stored(text, "Check that it can be reached and that its keys are valid.")
    return Finding("Photos can be stored.")


def _into_bucket() -> None:
    name = default_storage.save(f"{NAME}/{uuid.uuid4().hex}", ContentFile(b"."))
    default_storage.delete(name)


def _not_stored(sentence: str, remedy: str, see: str = "the-page-says-503") -> Finding:
    return Finding(sentence, ill=True, remedy=remedy, see=see)


def broker() -> Finding:
    try:
        _reach(settings.CELERY_BROKER_URL)
    except Exception as problem:
        return Finding(
            f"The broker does not answer ({_first_line(problem)}). Photos are accepted, and wait.",
            ill=True,
            remedy="Start it. Waiting photos are then sent again automatically.",
            see="photos-stay-at-waiting",
        )
    return Finding("The broker answers.")


def _reach(url: str) -> None:
    with current_app.connection_for_write(url, transport_options=BROKER_PATIENCE) as way:
        # Redis is spoken to when a channel is made; only the default one obeys `max_retries`.
        way.default_channel  # noqa: B018
        folder = way.transport_options.get("data_folder_out")
        if folder and not os.access(folder, os.W_OK | os.X_OK):
            raise OSError(f"{folder} cannot be written to")


def places() -> dict[str, Path]:
    """The folders of this machine that fill: name and path."""
    folders = {"var": settings.VAR_DIR, "runs": settings.RUNS_DIR}
    if not settings.STORAGE_URL:
        folders = {"media": Path(settings.MEDIA_ROOT)} | folders
    return {name: _that_is_there(path) for name, path in folders.items()}


def room() -> Finding:
    short = []
    for name, path in places().items():
        usage = shutil.disk_usage(path)
        if usage.free < min(LOW_BYTES, usage.total * LOW_SHARE):
            short.append(f"{_size(usage.free)} of {_size(usage.total)} on the disk of {name}/")
    if short:
        sentence = f"Little space is left: {', '.join(short)}."
        remedy = "Free some space, or move the folder to a larger disk, before photos are refused."
        return Finding(sentence, ill=True, remedy=remedy, see="the-disk-is-full")
    least = min(shutil.disk_usage(path).free for path in places().values())
    return Finding(f"{_size(least)} are free.")


def _that_is_there(path: Path) -> Path:
    return next(place for place in (path, *path.parents) if place.is_dir())


def _size(number: float) -> str:
    return f"{number / 1e9:,.1f} GB"


def _first_line(problem: BaseException) -> str:
    text = next((line.strip() for line in str(problem).splitlines() if line.strip()), "")
    return text[:200].rstrip(".") or type(problem).__name__


def register_all() -> None:
    register(Check(DATABASE, "Database", database, vital=True))
    register(Check("storage", "Storage of photos", stored, vital=True, group="storage"))
    register(Check("room", "Disk space", room, group="room"))
    register(Check("broker", "Broker", broker, group="broker"))
