"""Periods to choose with one click."""

from dataclasses import dataclass
from datetime import timedelta

from django.http import QueryDict
from django.utils import timezone

from inspector.monitoring.asked import Asked

DAYS = ((1, "Today"), (7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "A year"))


@dataclass(frozen=True, slots=True)
class Preset:
    label: str
    query: str
    chosen: bool


def presets(sent: QueryDict, asked: Asked) -> list[Preset]:
    """Everything else stays as requested, except what a point is: that follows the length."""
    today = timezone.localdate()
    shown = timezone.localtime(asked.since).date(), timezone.localtime(asked.until).date()
    offered = []
    for days, label in DAYS:
        since = today - timedelta(days=days - 1)
        query = sent.copy()
        query.pop("per", None)
        query["since"], query["until"] = since.isoformat(), today.isoformat()
        offered.append(Preset(label, query.urlencode(), shown == (since, today)))
    return offered
