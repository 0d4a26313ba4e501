"""Asking for an export, stopping it, and forgetting the old ones."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from inspector.accounts.people import one_at_a_time
from inspector.core import clock, files, work
from inspector.core.errors import Conflict, Refused
from inspector.core.events import record
from inspector.core.jobs import OPEN
from inspector.exports import archive, workbook
from inspector.exports.events import ExportEvent
from inspector.exports.models import KEPT, Export, Form
from inspector.exports.records import count, refuse_invalid
from inspector.inspections.models import Inspection

MOST_OPEN = 3  # of a person
# Inspections that one file takes.
LIMITS = {Form.XLSX.value: workbook.MOST, Form.ZIP.value: archive.MOST}


def ask(*, form: str, query: Mapping[str, str], by: Any, title: str = "") -> Export:
    """What the filters of the history leave, as a file, made by a worker in the current time zone.

    Raises Refused "invalid_export" (with fields) or "too_many_rows", Conflict "too_many_exports".
    """
    _check(form, query)
    with transaction.atomic():
        one_at_a_time(by)
        if Export.objects.filter(requested_by=by, state__in=OPEN).count() >= MOST_OPEN:
            raise Conflict(
                "too_many_exports",
                f"{MOST_OPEN} of your exports are under way. Wait until one is done, or cancel one.",
            )
        made = Export.objects.create(
            form=form, query=dict(query), requested_by=by, zone=_zone(), title=title[:200]
        )
        record(by, ExportEvent.ASKED, str(made), form=form, filters=dict(query))
        transaction.on_commit(lambda: work.send(made))
    return made


def _zone() -> str:
    """The person's own, where the server knows it by name."""
    zone = timezone.get_current_timezone()
    return zone.key if isinstance(zone, ZoneInfo) else "UTC"


def record_streamed(form: str, query: Mapping[str, str], *, by: Any) -> None:
    """Whatever leaves the system is on record."""
    with transaction.atomic():
        record(by, ExportEvent.ASKED, f"Inspections ({Form(form).label})", form=form, filters=dict(query))


def record_printed(inspection: Inspection, *, by: Any) -> None:
    with transaction.atomic():
        record(by, ExportEvent.PRINTED, inspection, form=Form.PDF.value)


def _check(form: str, query: Mapping[str, str]) -> None:
    if form not in Form.values:
        words = f"Choose one of {', '.join(Form.values)}."
        raise Refused("invalid_export", words, fields={"form": [words]})
    refuse_invalid(query)
    most = LIMITS.get(form)
    if most and (rows := count(query)) > most:
        raise Refused(
            "too_many_rows",
            f"These are {rows:,} inspections; {Form(form).label} takes {most:,}. Narrow the filters, or "
            "choose CSV.",
        )


def cancel(export: Export) -> Export:
    """A waiting one ends at once; a running one is asked to, and ends within a few seconds."""
    work.stop(export, "export_over")
    return export


def forget_old() -> int:
    """Remove exports that ended some days ago, with their files. How many."""
    old = Export.objects.exclude(state__in=OPEN).filter(finished__lt=clock.now() - KEPT)
    names = [str(name) for name in old.exclude(file="").values_list("file", flat=True)]
    removed, _ = old.delete()
    files.delete(names)
    return removed
