"""A ZIP with the photos, their maps, and a table of the results."""

import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from django.core.files.storage import default_storage

from inspector.exports import tables
from inspector.exports.records import Record
from inspector.inspections.models import Inspection

MOST = 20_000  # inspections
MOST_BYTES = 20 * 2**30  # of photos
KINDS = {"heatmap": "heatmap.png", "contours": "contours.svg"}
# Characters that some system does not allow in file names.
_ODD = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')


def write(path: Path, records: Iterable[Record], on_row: Callable[[], None]) -> None:
    """A photo that is gone from storage is named in missing.txt."""
    gone: list[str] = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:

        def kept() -> Iterator[Record]:
            for row in records:
                _put(archive, row, gone)
                on_row()
                yield row

        table = path.with_suffix(".table")
        with table.open("w", encoding="utf-8", newline="") as file:
            file.writelines(tables.as_csv(kept()))
        archive.write(table, "inspections.csv", zipfile.ZIP_DEFLATED)
        if gone:
            archive.writestr("missing.txt", "".join(f"{name}\n" for name in gone))
        table.unlink()


def _put(archive: zipfile.ZipFile, row: Record, gone: list[str]) -> None:
    inspection = Inspection.objects.only("original", *KINDS).get(pk=row["id"])
    name = name_of(row["id"], row["filename"])
    _copy(archive, str(inspection.original), f"photos/{name}", gone)
    for kind, ending in KINDS.items():
        if stored := str(getattr(inspection, kind) or ""):
            _copy(archive, stored, f"maps/{row['id']}-{ending}", gone)


def _copy(archive: zipfile.ZipFile, stored: str, name: str, gone: list[str]) -> None:
    try:
        with default_storage.open(stored, "rb") as source, archive.open(name, "w") as target:
            shutil.copyfileobj(source, target)
    except FileNotFoundError:
        gone.append(name)


def name_of(pk: int, filename: str) -> str:
    """A photo's name within the ZIP: no path, nothing that a file system refuses, and unique."""
    return f"{pk}-{_ODD.sub('_', filename)[-120:].strip('. ') or 'photo'}"
