"""Jobs that failed: photos, trainings, explorations, and whatever else is a long job."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from inspector.categories.models import Category
from inspector.core import work
from inspector.core.jobs import State
from inspector.inspections.models import Inspection
from inspector.monitoring.alerts.kinds import Asked, Kind, Number, Reading, Span, Value, register
from inspector.monitoring.alerts.measures.past import MOST, moments
from inspector.monitoring.alerts.models import Rule

EVERY = timedelta(minutes=15)
COUNTED = 10_000  # no more are counted


def count(asked: Asked) -> Iterator[Reading]:
    category = asked.rule.category
    if category and not asked.categories:
        return  # archived
    since = timezone.now() - timedelta(hours=asked.last)
    counts = {
        name: rows.filter(created__gte=since)[:COUNTED].count() for name, rows in _failed(category).items()
    }
    described = ", ".join(f"{n:,} {name}{'s' if n != 1 else ''}" for name, n in counts.items() if n)
    words = f"Failed in the last {asked.last} hours: {described or 'nothing'}."
    yield Reading(category, sum(counts.values()), words)


def _failed(category: Category | None) -> dict[str, QuerySet[Any]]:
    """By what they are called. Those that a person dismissed do not count."""
    failed: dict[str, QuerySet[Any]] = {
        "photo": Inspection.objects.filter(state=State.FAILED, dismissed=None)
    }
    for kind in work.kinds():
        # What is done along with another job fails with it: of the whole site that is one.
        each = Q() if category else kind.takes
        failed[kind.name] = kind.model._default_manager.filter(each, state=State.FAILED)
    if category is None:
        return {name: rows.order_by() for name, rows in failed.items()}
    return {name: rows.filter(category=category).order_by() for name, rows in failed.items() if _has(rows)}


def _has(rows: QuerySet[Any]) -> bool:
    return any(field.name == "category" for field in rows.model._meta.get_fields())


def count_before(rule: Rule, category: Category | None, span: Span) -> Iterator[Value]:
    times: list[datetime] = []
    for rows in _failed(category).values():
        times += rows.filter(created__gte=span.since).values_list("created", flat=True)[:MOST]
    times.sort()
    reach = timedelta(hours=rule.last or 1)
    for moment in moments(span, EVERY):
        yield moment, bisect_right(times, moment) - bisect_left(times, moment - reach)


def register_all() -> None:
    register(
        Kind(
            "failed",
            "Failed jobs",
            "Photos, trainings and explorations that failed and were not removed from the list.",
            Number("Limit", "jobs", 1, 10_000, 10, whole=True),
            count,
            count_before,
            last=Number("In the last", "hours", 1, 720, 24, whole=True),
            each=False,
        )
    )
