"""Files in storage, and which rows refer to them."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import models

from inspector.core import files
from inspector.core.backup.hashed import copy, entry_of
from inspector.core.backup.manifest import Entry

log = logging.getLogger(__name__)
OnFile = Callable[[int, str], None]


def names(folder: str = "") -> Iterator[str]:
    """Every file in storage; what is being written (a hidden file) is left out."""
    try:
        folders, files_here = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    place = f"{folder}/" if folder else ""
    for name in sorted(files_here):
        if name and not name.startswith("."):
            yield place + name
    for inner in sorted(folders):
        if inner:
            yield from names(place + inner)


def save(folder: Path, on_file: OnFile) -> dict[str, Entry]:
    """Copy everything in storage to `folder`; what was copied. Something deleted meanwhile is left out."""
    entries: dict[str, Entry] = {}
    for name in names():
        try:
            with default_storage.open(name, "rb") as source:
                entries[name] = copy(source, folder / name)
        except FileNotFoundError:
            log.warning("%s was removed while the backup was made", name)
            continue
        on_file(len(entries), name)
    return entries


def load(folder: Path, entries: dict[str, Entry], on_file: OnFile) -> None:
    """Put the files of a backup into storage. Those that are there already are left as they are."""
    for number, (name, entry) in enumerate(entries.items(), start=1):
        if not _is_there(name, entry):
            with (folder / name).open("rb") as file:
                files.store(name, files.File(file))
        on_file(number, name)


def _is_there(name: str, entry: Entry) -> bool:
    if not default_storage.exists(name) or default_storage.size(name) != entry.bytes:
        return False
    with files.local_copy(name) as path:
        return entry_of(path) == entry


def columns() -> Iterator[tuple[str, str, Any]]:
    """(file's name, which row's which column, the row's key) of every row that has a file."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, models.FileField):
                rows = model._default_manager.exclude(**{field.name: ""}).values_list("pk", field.name)
                for pk, name in rows.iterator(chunk_size=2000):
                    yield name, f"{model._meta.verbose_name} {pk}, {field.verbose_name}", pk


def strings_in_json() -> set[str]:
    """Strings in JSON columns: plots and frozen samples are named there."""
    strings: set[str] = set()
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, models.JSONField):
                for value in model._default_manager.values_list(field.name, flat=True).iterator(
                    chunk_size=200
                ):
                    strings |= _strings(value)
    return strings


def _strings(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value} if "/" in value else set()
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {text for one in inner for text in _strings(one)}
