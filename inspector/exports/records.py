"""Inspections as records of a table: read a few thousand at a time, each time by a short query."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

from django.utils import timezone

from inspector.core import paging
from inspector.core.errors import Refused
from inspector.inspections.filters import InspectionFilter
from inspector.inspections.models import WITHOUT_SCORE, Inspection
from inspector.reviews.models import DefectType
from inspector.reviews.outcomes import standing_reviews

AT_ONCE = 2000  # in memory
QUERY = "The filters cannot be read. Open the history with them: it says what is wrong."
Record = dict[str, Any]
# Name in the table, and where it comes from.
SOURCES = {
    "id": "pk",
    "sent": "created",
    "category": "category__slug",
    "category_name": "category__name",
    "filename": "filename",
    "lot": "lot",
    "serial": "serial",
    "station": "station",
    "order": "order",
    "part_fields": "part_fields",
    "state": "state",
    "verdict": "verdict",
    "outcome": "outcome",
    "score": "score",
    "drafted": "drafted",
    "draft_agrees": "draft_agrees",
    "threshold": "threshold",
    "times_threshold": "relative_score",
    "review_from": "review_from",
    "p_value": "p_value",
    "p_low": "p_low",
    "p_high": "p_high",
    "doubt": "doubt",
    "stable": "stable",
    "stable_of": "stable_of",
    "spread": "spread",
    "version": "version__number",
    "version_id": "version_id",
    "sent_by": "submitted_by__username",
    "batch": "batch_id",
    "reviewed": "reviewed",
    "decided_by": "decided_by__username",
    "defect_type": "defect_type",
    "severity": "severity",
    "disagreement": "disagreement",
    "finished": "finished",
    "milliseconds": "milliseconds",
    "width": "width",
    "height": "height",
    "bytes": "bytes",
    "sha256": "sha256",
    "note": "note",
    "error_code": "error_code",
    "dismissed": "dismissed",
}
# Of the newest standing review.
REVIEWED = ("disposition", "comment")
COLUMNS = (*SOURCES, *REVIEWED)
TIMES = ("sent", "reviewed", "finished", "dismissed")


def count(query: Mapping[str, str]) -> int:
    """How many inspections there are to export; all of them are counted, so it may take a second."""
    return _asked(query).qs.order_by().values("pk").count()


def records(query: Mapping[str, str], zone: tzinfo) -> Iterator[Record]:
    """All that the filters leave, in the order of the history; what is added meanwhile is left out."""
    for step in steps(query, zone):
        yield from step_records(step, zone)


def steps(query: Mapping[str, str], zone: tzinfo, *, most: int = AT_ONCE) -> Iterator[list[Record]]:
    """The rows as the database has them, some thousands at a time. Days in the filters are of this zone."""
    with timezone.override(zone):  # when a stream is read, the person's own is no longer the current one
        asked = _asked(query)
        order, rows, last = asked.order, asked.qs, None
    onwards = paging.up if order.rising else paging.down
    while True:
        rows_read = list(onwards(rows, last, by=order.by).values_list(*SOURCES.values())[:most])
        if rows_read:
            yield [dict(zip(SOURCES, one, strict=True)) for one in rows_read]
        if len(rows_read) < most:
            return
        last = rows_read[-1][0]


def step_records(step: list[Record], zone: tzinfo) -> Iterator[Record]:
    """With names for ids, and what reviews say."""
    types = DefectType.objects.in_bulk({row["defect_type"] for row in step if row["defect_type"]})
    said = _said([row["id"] for row in step if row["reviewed"]])
    for row in step:
        defect = types.get(row["defect_type"])
        row["defect_type"] = defect.name if defect else None
        if row["times_threshold"] == WITHOUT_SCORE:
            row["times_threshold"] = None
        for name in TIMES:
            row[name] = row[name] and row[name].astimezone(zone)
        yield row | said.get(row["id"], {"disposition": "", "comment": ""})


def _said(ids: list[int]) -> dict[int, dict[str, str]]:
    """The newest comes last, and stays."""
    rows = standing_reviews().filter(inspection__in=ids).order_by("pk") if ids else []
    return {
        review.inspection_id: {"disposition": review.disposition, "comment": review.comment}
        for review in rows
    }


def as_text(value: Any) -> Any:
    """A value as CSV and JSON have it: moments with their zone."""
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else value


def as_cell(value: Any) -> Any:
    """A value for one cell of a table."""
    return (json.dumps(value, ensure_ascii=False) if value else "") if isinstance(value, dict) else value


def valid(query: Mapping[str, str]) -> bool:
    return _asked(query).is_valid()


def refuse_invalid(query: Mapping[str, str]) -> None:
    """Refused "invalid_export". Filters that cannot be read would leave everything; those that could be when
    the export was asked for may name a person or a version that has another name now, or is gone."""
    if not valid(query):
        raise Refused("invalid_export", QUERY, fields={"query": [QUERY]})


def _asked(query: Mapping[str, str]) -> InspectionFilter:
    return InspectionFilter(dict(query), Inspection.objects.order_by())


def grouped(records: Iterable[Record], most: int = 500) -> Iterator[list[Record]]:
    group: list[Record] = []
    for one in records:
        group.append(one)
        if len(group) == most:
            yield group
            group = []
    if group:
        yield group
