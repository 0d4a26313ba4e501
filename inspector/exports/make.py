"""Making the file of an export. `core.work` does everything that all long jobs share."""

from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from inspector.core import files
from inspector.core.aside import folder_aside
from inspector.core.attempt import Attempt
from inspector.core.errors import writing_into
from inspector.exports import archive, tables, workbook
from inspector.exports.models import Export, Form
from inspector.exports.records import Record, count, records, refuse_invalid
from inspector.inspections.filters import InspectionFilter
from inspector.inspections.models import Inspection

EVERY = 50  # inspections, the progress is reported


def make(attempt: Attempt[Export]) -> None:
    """Write the file aside, store it, and end."""
    export = attempt.job
    with timezone.override(ZoneInfo(export.zone)):
        refuse_invalid(export.query)
        total = count(export.query)
    counted = 0

    def on_row() -> None:
        nonlocal counted
        counted += 1
        if counted % EVERY == 0:
            attempt.report_progress(done=counted, total=total)
            attempt.go_on()

    attempt.report_progress(done=0, total=total)
    with folder_aside() as folder, writing_into(folder):
        path = folder / f"export.{export.form}"
        with timezone.override(ZoneInfo(export.zone)):
            WRITERS[export.form](path, export, on_row)
        name = f"exports/{export.pk}-{attempt.token.hex[:8]}/{export.filename}"
        with attempt.held(), path.open("rb") as made, files.all_or_none() as store:
            store(name, File(made))
            with transaction.atomic():
                attempt.finish(
                    file=name,
                    rows=total if export.form == Form.PDF else counted,
                    bytes=path.stat().st_size,
                    progress={},
                )


def _counted(export: Export, on_row: Callable[[], None]) -> Iterator[Record]:
    for row in records(export.query, ZoneInfo(export.zone)):
        on_row()
        yield row


def _csv(path: Path, export: Export, on_row: Callable[[], None]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(tables.as_csv(_counted(export, on_row)))


def _json(path: Path, export: Export, on_row: Callable[[], None]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(tables.as_json(_counted(export, on_row)))


def _xlsx(path: Path, export: Export, on_row: Callable[[], None]) -> None:
    workbook.write(path, _counted(export, on_row), zone=export.zone, about=about(export))


def _zip(path: Path, export: Export, on_row: Callable[[], None]) -> None:
    archive.write(path, records(export.query, ZoneInfo(export.zone)), on_row)


def _pdf(path: Path, export: Export, on_row: Callable[[], None]) -> None:
    from inspector.exports.documents import many  # the web process imports this module, too

    rows = InspectionFilter(export.query, Inspection.objects.all()).qs
    many.write(path, rows, title=export.title or "Inspections", by=export.requested_by, on_photo=on_row)


def about(export: Export) -> dict[str, str]:
    """What is in the file, by whom and when, for people who only have the file."""
    asked = ", ".join(f"{name}: {value}" for name, value in export.query.items()) or "none: all inspections"
    made = timezone.now().astimezone(ZoneInfo(export.zone)).isoformat(timespec="seconds")
    return {"Filters": asked, "Exported by": str(export.requested_by or ""), "Exported": made}


WRITERS: dict[str, Callable[[Path, Export, Callable[[], None]], None]] = {
    Form.CSV: _csv,
    Form.JSON: _json,
    Form.XLSX: _xlsx,
    Form.ZIP: _zip,
    Form.PDF: _pdf,
}
