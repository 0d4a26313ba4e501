"""The audit trail as a table: every event by itself, newest first, for spreadsheets and programs."""

import json
from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

from django.db.models import QuerySet

from detection.files import tables
from inspector.core import trail
from inspector.core.models import Event

AT_ONCE = 1000  # in memory
COLUMNS = (
    "id",
    "time",
    "who",
    "action",
    "subject",
    "detail",
    "why",
    "kind",
    "subject_type",
    "subject_id",
    "category_id",
    "data",
    "operation",
    "position",
    "hash",
)


def as_csv(events: QuerySet[Event], zone: tzinfo) -> Iterator[str]:
    """Line by line; `data` is JSON within its cell."""
    yield tables.lines([COLUMNS])
    for row in _rows(events, zone):
        yield tables.lines([[json.dumps(value) if name == "data" else value for name, value in row.items()]])


def as_json(events: QuerySet[Event], zone: tzinfo) -> Iterator[str]:
    """A list, one event a line."""
    before = "[\n"
    for row in _rows(events, zone):
        yield before + json.dumps(row)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _rows(events: QuerySet[Event], zone: tzinfo) -> Iterator[dict[str, Any]]:
    """A thousand at a time, each by a short query of its own; what is added meanwhile is left out."""
    rows = list(events.order_by("-pk")[:AT_ONCE])
    while rows:
        yield from (_row(event, zone) for event in rows)
        rows = list(events.filter(pk__lt=rows[-1].pk).order_by("-pk")[:AT_ONCE])


def _row(event: Event, zone: tzinfo) -> dict[str, Any]:
    values = (
        event.pk,
        event.time.astimezone(zone).isoformat(),
        str(event.actor or ""),
        trail.title(event.kind),
        event.subject_name,
        trail.detail_in_words(event.kind, event.detail),
        trail.why(event.detail),
        event.kind,
        event.subject_type,
        event.subject_id,
        event.category_id,
        event.detail,
        event.operation and str(event.operation),
        event.position,
        event.hash,
    )
    return dict(zip(COLUMNS, values, strict=True))
