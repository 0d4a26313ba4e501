"""Rebuilding all sums from the inspections and their reviews."""

from collections import defaultdict
from datetime import UTC
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Sum
from django.db.models.functions import TruncHour

from inspector.core.jobs import State
from inspector.inspections.models import Inspection
from inspector.monitoring.models import SUMS, DefectSum, HourlySum, column
from inspector.reviews.models import Review

Key = tuple[Any, ...]
Sums = dict[Key, dict[str, int]]
AT_ONCE = 2000  # rows
# What a photo is counted by, in the order of `Sum.KEY` without the hour.
BY = ("category_id", "version_id", "submitted_by_id", "station")


def rebuild() -> int:
    """How many sums had been wrong. Verdicts and reviews wait meanwhile: what they add comes after."""
    wrong = 0
    with transaction.atomic():
        _hold_others()
        for model, made in ((HourlySum, _outcomes()), (DefectSum, _defects())):
            wrong += _put(model, made)
    return wrong


def _hold_others() -> None:
    """Until the end of the transaction no other process adds or begins to fold. Those that hold rows
    already are waited for. SQLite has one writer at a time anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for model in SUMS:
                cursor.execute(f'LOCK TABLE "{model._meta.db_table}" IN EXCLUSIVE MODE')


def _put(model: type[HourlySum] | type[DefectSum], made: Sums) -> int:
    before = totals(model)
    wrong = sum(before.get(key) != made.get(key) for key in before.keys() | made.keys())
    model._default_manager.all().delete()
    rows = (
        model(folded=True, **dict(zip(model.KEY, key, strict=True)), **counts) for key, counts in made.items()
    )
    model._default_manager.bulk_create(rows, batch_size=AT_ONCE)  # type: ignore[arg-type]
    return wrong


def totals(model: type[HourlySum] | type[DefectSum]) -> Sums:
    """As they are: of each key the sum of its rows, without those that are all 0."""
    rows = model._default_manager.order_by().values_list(*model.KEY)
    summed = rows.annotate(**{f"sum_{name}": Sum(name) for name in model.COUNTS})
    size = len(model.KEY)
    counted = ((row[:size], dict(zip(model.COUNTS, row[size:], strict=True))) for row in summed.iterator())
    return {key: kept for key, counts in counted if (kept := {name: n for name, n in counts.items() if n})}


def _outcomes() -> Sums:
    rows = Inspection.objects.filter(state=State.DONE).order_by()
    counted = rows.annotate(hour=TruncHour("created", tzinfo=UTC))
    grouped = counted.values_list("hour", *BY, "verdict", "outcome").annotate(n=Count("pk"))
    sums: Sums = defaultdict(dict)
    for *key, verdict, outcome, n in grouped.iterator():
        sums[tuple(key)][column(verdict, outcome)] = n
    return sums


def _defects() -> Sums:
    newer = Review.objects.filter(inspection=OuterRef("inspection"), withdrawal=None, pk__gt=OuterRef("pk"))
    rows = Review.objects.filter(~Exists(newer), withdrawal=None, defect_type__isnull=False).order_by()
    counted = rows.annotate(hour=TruncHour("inspection__created", tzinfo=UTC))
    by = (f"inspection__{name}" for name in BY)
    grouped = counted.values_list("hour", *by, "defect_type_id").annotate(n=Count("pk"))
    return {(*key, defect): {"n": n} for *key, defect, n in grouped.iterator()}
