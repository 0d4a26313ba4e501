"""What was added since is folded into one row for each key, so that a year stays few rows."""

from collections import Counter, defaultdict
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from inspector.monitoring.models import SUMS, DefectSum, HourlySum

AT_ONCE = 2000  # rows


def fold() -> int:
    """How many added rows are gone. What another process folds at this moment is left to it."""
    return sum(_all_of(model) for model in SUMS)


def _all_of(model: type[HourlySum] | type[DefectSum]) -> int:
    folded = 0
    try:
        while step := _step(model):
            folded += step
    except IntegrityError:
        pass  # another process made the row of a key first; what was added is still there
    return folded


@transaction.atomic
def _step(model: type[HourlySum] | type[DefectSum]) -> int:
    rows = model._default_manager.filter(folded=False).order_by("pk")
    added = list(rows.select_for_update(skip_locked=True)[:AT_ONCE])
    totals: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for row in added:
        # `update`, because a Counter's += forgets what is below 0.
        totals[tuple(getattr(row, name) for name in model.KEY)].update(
            {name: getattr(row, name) for name in model.COUNTS}
        )
    # In one order everywhere: two processes that fold never wait for each other in a circle.
    for key in sorted(totals):
        _add(model, dict(zip(model.KEY, key, strict=True)), totals[key])
    model._default_manager.filter(pk__in=[row.pk for row in added]).delete()
    return len(added)


def _add(model: type[HourlySum] | type[DefectSum], key: dict[str, Any], counts: Counter[str]) -> None:
    more = {name: F(name) + n for name, n in counts.items()}
    if not model._default_manager.filter(folded=True, **key).update(**more):
        model._default_manager.create(folded=True, **key, **counts)
