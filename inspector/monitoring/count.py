"""Counting verdicts and reviews, in the transactions that write them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from inspector.inspections.models import Inspection
from inspector.monitoring.models import DefectSum, HourlySum, column
from inspector.reviews.changes import Change

Key = tuple[Any, ...]


def count_verdicts(judged: Sequence[Inspection]) -> None:
    """Called with inspections that were just judged (`inspections.verdicts`)."""
    by_key: dict[Key, Counter[str]] = defaultdict(Counter)
    for row in judged:
        by_key[_key(row)][column(row.verdict, row.outcome)] += 1
    HourlySum.objects.bulk_create(
        HourlySum(**dict(zip(HourlySum.KEY, key, strict=True)), **counts) for key, counts in by_key.items()
    )


def count_changes(changes: Sequence[Change]) -> None:
    """Called when reviews changed what inspections ended with (`reviews.changes`)."""
    changes = [one for one in changes if one.inspection.verdict]
    HourlySum.objects.bulk_create(_moved(one) for one in changes if one.outcome_before != one.outcome)
    DefectSum.objects.bulk_create(
        DefectSum(**_named(one.inspection), defect_type_id=defect, n=n)
        for one in changes
        for defect, n in ((one.defect_before, -1), (one.defect, 1))
        if defect and one.defect_before != one.defect
    )


def _moved(change: Change) -> HourlySum:
    row = change.inspection
    moves = ((change.outcome_before, -1), (change.outcome, 1))
    counts = {column(row.verdict, outcome): n for outcome, n in moves if outcome}
    return HourlySum(**_named(row), **counts)


def _named(row: Inspection) -> dict[str, Any]:
    return dict(zip(HourlySum.KEY, _key(row), strict=True))


def _key(row: Inspection) -> Key:
    return hour_of(row.created), row.category_id, row.version_id, row.submitted_by_id, row.station


def hour_of(moment: datetime) -> datetime:
    """Its beginning, in UTC: the same for everyone, whatever their time zone."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
