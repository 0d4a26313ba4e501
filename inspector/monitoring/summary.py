"""What the first page shows of production: a person's own day, and how the line runs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from inspector.categories.models import Category
from inspector.core.moments import just_before
from inspector.monitoring.asked import Asked, midnight
from inspector.monitoring.count import hour_of
from inspector.monitoring.models import HourlySum
from inspector.monitoring.periods import Per
from inspector.monitoring.rate import Point, rate_of
from inspector.monitoring.selectors import COUNTED, Counts, total

DAYS, BASE_DAYS = 7, 30
MOST_SIGNALS = 5


@dataclass(frozen=True, slots=True)
class Mine:
    """What a person sent today of one category."""

    category: Category
    judged: int
    ok: int
    review: int
    anomaly: int


def own_day(person: Any) -> list[Mine]:
    """Since midnight in the person's zone, by the name of the category."""
    counted = {
        verdict: sum(
            (Sum(f"{verdict}_{outcome}") for outcome in ("defective", "open")), Sum(f"{verdict}_good")
        )
        for verdict in ("ok", "review", "anomaly")
    }
    since = hour_of(midnight(timezone.localdate()))  # in zones of half an hour, too
    rows = HourlySum.objects.filter(person=person, hour__gte=since).order_by()
    by_category = {pk: counts for pk, *counts in rows.values_list("category_id").annotate(**counted)}
    categories = Category.objects.filter(pk__in=by_category).order_by("name")
    return [Mine(one, sum(by_category[one.pk]), *by_category[one.pk]) for one in categories]


@dataclass(frozen=True, slots=True)
class RecentSignal:
    """A signal of the last days."""

    category: Category
    point: Point

    @property
    def words(self) -> str:
        return "; ".join(rule.name for rule in self.point.rules)


@dataclass(frozen=True, slots=True)
class Line:
    """The last seven days compared with the seven before; signals of all categories, the newest first."""

    now: Counts
    before: Counts
    signals: list[RecentSignal]
    since: datetime


def line() -> Line:
    """In two queries, whatever the number of categories."""
    today = timezone.localdate()
    since = midnight(today - timedelta(days=BASE_DAYS - 1))
    until = just_before(midnight(today + timedelta(days=1)))
    week, week_before = (midnight(today - timedelta(days=n * DAYS - 1)) for n in (1, 2))
    rows = HourlySum.objects.filter(hour__gte=since, hour__lte=until).order_by("hour")
    hours: dict[int, list[tuple[datetime, Counts]]] = defaultdict(list)
    for category, hour, *counts in rows.values_list("category_id", "hour").annotate(**COUNTED):
        hours[category].append((hour, Counts(*counts)))
    every = [one for of_category in hours.values() for one in of_category]
    return Line(
        total([counts for hour, counts in every if hour >= week]),
        total([counts for hour, counts in every if week_before <= hour < week]),
        _signals(hours, Asked(None, since, until, Per.DAY, None, False, "category"), week),
        week,
    )


def _signals(
    hours: dict[int, list[tuple[datetime, Counts]]], asked: Asked, since: datetime
) -> list[RecentSignal]:
    recent = []
    for category in Category.objects.filter(pk__in=hours, archived=None):
        points = rate_of(asked, hours[category.pk], marks=False).signals
        recent += [RecentSignal(category, point) for point in points if point.period.since >= since]
    return sorted(recent, key=lambda one: one.point.period.since, reverse=True)[:MOST_SIGNALS]
