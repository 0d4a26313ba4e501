"""Reading the past for the test of a rule, within bounds."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from inspector.categories.models import Category
from inspector.core.jobs import State
from inspector.inspections.models import Inspection
from inspector.monitoring.alerts.kinds import Span

MOST = 200_000  # photos of one replay, the newest


def judged(category: Category | None) -> QuerySet[Inspection]:
    """Photos with a verdict, newest first, by the index of the history."""
    rows = Inspection.objects.filter(state=State.DONE, dismissed=None)
    rows = rows.filter(category=category) if category else rows
    return rows.order_by("-created", "-pk")


def judged_in(category: Category | None, span: Span, *fields: str) -> list[tuple[Any, ...]]:
    """Their fields, in the order of time."""
    rows = judged(category).filter(created__gte=span.since, created__lt=span.until)
    return list(reversed(rows.values_list(*fields)[:MOST]))


def moments(span: Span, every: timedelta) -> Iterator[datetime]:
    """As often as the sweep would evaluate, but seldom enough for a page."""
    at = span.since
    while at <= span.until:
        yield at
        at += every
