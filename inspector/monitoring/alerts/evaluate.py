"""Evaluating rules and raising alerts. Run by the sweep."""

import logging

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from inspector.categories.models import Category
from inspector.core import clock
from inspector.core.events import record
from inspector.monitoring.alerts.events import AlertEvent
from inspector.monitoring.alerts.kinds import Asked, Kind, Reading, kind_of, levels_of
from inspector.monitoring.alerts.machine import Change, Standing, step, window_start
from inspector.monitoring.alerts.models import Alert, Rule

log = logging.getLogger(__name__)
MEASURED_BY = (
    *("enabled", "retired", "kind", "category", "limit", "last", "over_at"),
    *("quiet_minutes", "from_time", "until_time"),
)
EARLY = 5.0  # seconds: a beat that comes a little sooner than the last time is no reason to wait for the next


def evaluate() -> int:
    """Evaluate every rule that is due. How many alerts were raised."""
    _end_archived()
    rules = Rule.objects.filter(enabled=True, retired=None).select_related("category")
    return sum(_guarded(rule) for rule in rules)


def _guarded(rule: Rule) -> int:
    """One rule that cannot be measured keeps no other from it."""
    kind = kind_of(rule.kind)
    if kind is None or window_start(rule.hours, timezone.now()) is None or not _taken(rule, kind):
        return 0
    try:
        return sum(_alerts_raised(rule, kind, reading) for reading in kind.read(asked(rule)))
    except Exception:
        log.exception("the alert rule “%s” (%s) could not be evaluated", rule, rule.pk)
        return 0


def _taken(rule: Rule, kind: Kind) -> bool:
    """By one conditional UPDATE: of two sweeps that want it, one evaluates it, and one that was changed while
    those before it were measured waits for the next sweep. If it was evaluated in the future, the clock was
    set back."""
    due = Q(looked=None) | Q(looked__lte=clock.seconds_from_now(EARLY - kind.every))
    due |= Q(looked__gt=clock.seconds_from_now(EARLY))
    return bool(_as_read(rule).filter(due).update(looked=clock.now()))


def _as_read(rule: Rule) -> QuerySet[Rule]:
    """The rule, unless it was changed or retired since."""
    return Rule.objects.filter(pk=rule.pk, **{name: getattr(rule, name) for name in MEASURED_BY})


def asked(rule: Rule) -> Asked:
    """Archived categories get no photos, and no alerts."""
    if rule.category is not None:
        return Asked(rule, [] if rule.category.archived else [rule.category])
    return Asked(rule, list(Category.objects.filter(archived=None).order_by("pk")))


def _alerts_raised(rule: Rule, kind: Kind, reading: Reading) -> int:
    now = timezone.now()
    newest = Alert.objects.filter(rule=rule, category=reading.category).order_by("-pk").first()
    before = Standing(newest.over is None, newest.created) if newest else Standing()
    _, change = step(levels_of(rule, kind), before, now, reading.value)
    if change is Change.OVER and newest:
        end(newest, reading.words)
    return int(change is Change.RAISED and _raise(rule, reading))


def _raise(rule: Rule, reading: Reading) -> bool:
    """False where another sweep was faster: a constraint holds that. Or the rule was changed or retired while
    it was measured, which ended its alerts."""
    try:
        with transaction.atomic():
            if _as_read(rule).select_for_update().first() is None:
                return False
            alert = Alert.objects.create(
                rule=rule,
                category=reading.category,
                words=reading.words,
                value=reading.value,
                limit=rule.limit,
            )
            record(None, AlertEvent.RAISED, alert, words=reading.words)
    except IntegrityError:
        return False
    log.warning("alert %s: %s", alert, reading.words)
    return True


def end(alert: Alert, words: str) -> None:
    """Its cause is over. It stays open until a person closes it."""
    with transaction.atomic():
        if Alert.objects.filter(pk=alert.pk, over=None).update(over=timezone.now()):
            record(None, AlertEvent.OVER, alert, words=words)


def end_all(rule: Rule) -> None:
    """A rule that is no longer evaluated: what it raised cannot end by itself."""
    for alert in _lasting().filter(rule=rule):
        end(alert, "The rule no longer covers this.")


def _end_archived() -> None:
    """Those of archived categories, which no rule evaluates any more."""
    for alert in _lasting().exclude(category__archived=None):
        end(alert, "Its category was archived.")


def _lasting() -> QuerySet[Alert]:
    return Alert.objects.filter(over=None).select_related("rule", "category")
