"""What a rule would have said in the last days: the test button."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from inspector.categories.models import Category
from inspector.monitoring.alerts.evaluate import asked
from inspector.monitoring.alerts.kinds import Kind, Span, kind_of, levels_of
from inspector.monitoring.alerts.machine import Change, Standing, step, window_start
from inspector.monitoring.alerts.models import Rule

DAYS = 30
CATEGORIES = 20  # of a rule for all of them
TOLD = 100  # alerts of a category


@dataclass(frozen=True, slots=True)
class Would:
    """An alert that would have been raised. over: None where its cause lasts until now."""

    raised: datetime
    value: float
    over: datetime | None


@dataclass(slots=True)
class Replay:
    """Of one category, or of the whole installation. measured: the number of values."""

    category: Category | None
    measured: int = 0
    highest: float | None = None
    alerts: list[Would] = field(default_factory=list)


def replay(rule: Rule) -> list[Replay]:
    """By the same steps as live. Nothing is written; the rule needs not be saved."""
    kind = kind_of(rule.kind)
    if kind is None or kind.replay is None:
        return []
    until = timezone.now()
    span = Span(until - timedelta(days=DAYS), until)
    return [_of(rule, kind, category, span) for category in _categories(rule, kind)]


def _categories(rule: Rule, kind: Kind) -> list[Category | None]:
    if rule.category or not kind.each:
        return [rule.category]
    return list(asked(rule).categories[:CATEGORIES])


def _of(rule: Rule, kind: Kind, category: Category | None, span: Span) -> Replay:
    replayed, standing, levels = Replay(category), Standing(), levels_of(rule, kind)
    worst = min if kind.below else max
    for moment, value in _within_hours(rule, kind, category, span):
        replayed.measured += 1
        replayed.highest = value if replayed.highest is None else worst(replayed.highest, value)
        standing, change = step(levels, standing, moment, value)
        if change is Change.RAISED and len(replayed.alerts) < TOLD:
            replayed.alerts.append(Would(moment, value, None))
        elif change is Change.OVER and replayed.alerts and replayed.alerts[-1].over is None:
            replayed.alerts[-1] = Would(replayed.alerts[-1].raised, replayed.alerts[-1].value, moment)
    return replayed


def _within_hours(
    rule: Rule, kind: Kind, category: Category | None, span: Span
) -> Iterator[tuple[datetime, float]]:
    assert kind.replay is not None
    for moment, value in kind.replay(rule, category, span):
        if rule.hours is None or window_start(rule.hours, moment) is not None:
            yield moment, value
