"""How long the oldest photo waits in the review queue."""

import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from inspector.categories.models import Category
from inspector.core.templatetags.figures import duration
from inspector.monitoring.alerts.kinds import Asked, Kind, Number, Reading, Span, Value, register
from inspector.monitoring.alerts.measures.past import MOST, moments
from inspector.monitoring.alerts.models import Rule
from inspector.reviews.models import Entry
from inspector.reviews.queue import without_unreachable

EVERY = timedelta(minutes=15)
HOUR = 3600


def age(asked: Asked) -> Iterator[Reading]:
    now = timezone.now()
    for category in asked.categories:
        oldest = _oldest(category)
        seconds = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
        words = f"The oldest photo in the review queue has waited {duration(seconds)}."
        yield Reading(category, seconds / HOUR, words if oldest else "The review queue is empty.")


def _oldest(category: Category) -> datetime | None:
    """One step into an index each: disputed ones stand apart in it."""
    rows = without_unreachable(Entry.objects.filter(category=category, closed=None)).order_by("created", "pk")
    oldest = [
        rows.filter(disputed=disputed).values_list("created", flat=True).first() for disputed in (True, False)
    ]
    return min((one for one in oldest if one), default=None)


def age_before(rule: Rule, category: Category | None, span: Span) -> Iterator[Value]:
    """One that was closed and came back counts as if it had been there all the time."""
    came = list(_entries(category, span).order_by("created", "pk").values_list("created", "closed")[:MOST])
    waiting: list[tuple[datetime, datetime]] = []
    place = 0
    for moment in moments(span, EVERY):
        while place < len(came) and came[place][0] <= moment:
            heapq.heappush(waiting, (came[place][0], came[place][1] or span.until + EVERY))
            place += 1
        while waiting and waiting[0][1] <= moment:
            heapq.heappop(waiting)
        oldest = waiting[0][0] if waiting else moment
        yield moment, (moment - oldest).total_seconds() / HOUR


def _entries(category: Category | None, span: Span) -> QuerySet[Entry]:
    rows = Entry.objects.filter(Q(closed=None) | Q(closed__gte=span.since), created__lt=span.until)
    return rows.filter(category=category) if category else rows


def register_all() -> None:
    register(
        Kind(
            "queue",
            "Age of the review queue",
            "How long the oldest photo of a category has waited for a decision.",
            Number("Limit", "hours", 0.1, 10_000, 24),
            age,
            age_before,
        )
    )
