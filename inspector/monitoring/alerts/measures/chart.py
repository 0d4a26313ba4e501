"""Signals on the control chart of a category: anomalies by the hour, limits from the days before."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import F, Sum
from django.utils import timezone

from inspector.categories.models import Category
from inspector.monitoring.alerts.kinds import Asked, Kind, Number, Reading, Span, Value, register
from inspector.monitoring.alerts.models import Rule
from inspector.monitoring.models import HourlySum
from inspector.monitoring.statistics.dispersion import LEAST_SUBGROUPS, right_chart
from inspector.monitoring.statistics.p_chart import NoLimits, Subgroup
from inspector.monitoring.statistics.rules import WESTERN_ELECTRIC, signals

HOUR = timedelta(hours=1)
BASE = 7 * 24  # hours that limits are computed from
LOOKED_AT = 24  # the newest points; no rule's pattern is longer
ANOMALIES = tuple(name for name in HourlySum.COUNTS if name.startswith("anomaly_"))
Hours = Sequence[tuple[datetime, Subgroup]]


def hourly(category: Category, since: datetime, until: datetime) -> list[tuple[datetime, Subgroup]]:
    """Hours that have photos, in the order of time, from the hourly sums: few rows on the busiest line."""
    rows = HourlySum.objects.filter(category=category, hour__gte=since, hour__lt=until).order_by()
    counted = rows.values_list("hour").annotate(n=_sum(HourlySum.COUNTS), bad=_sum(ANOMALIES))
    return sorted((hour, Subgroup(n, bad)) for hour, n, bad in counted if n > 0)


def _sum(names: Iterable[str]) -> Sum:
    first, *others = (F(name) for name in names)
    return Sum(sum(others, first))


def names_of_signals(hours: Hours) -> list[str] | None:
    """Rules that the last hour completes; None where the hours before give no limits."""
    groups = [group for _, group in hours]
    base = slice(max(0, len(groups) - 1 - BASE), len(groups) - 1)
    if len(groups[base]) < LEAST_SUBGROUPS:
        return None
    try:
        chart, _ = right_chart(groups, base, slice(-LOOKED_AT, None))
    except NoLimits:
        return None
    z = [point.z for point in chart.points if point.z is not None]
    return [signal.rule.name for signal in signals(z, WESTERN_ELECTRIC) if signal.at == len(z) - 1]


def signal(asked: Asked) -> Iterator[Reading]:
    until = timezone.now().replace(minute=0, second=0, microsecond=0)
    for category in asked.categories:
        hours = hourly(category, until - (BASE + 1) * HOUR, until)
        if not hours or hours[-1][0] < until - HOUR:
            continue  # nothing new since the last look
        names = names_of_signals(hours)
        if names is not None:
            last = hours[-1][1]
            rules = "; ".join(names) or "No signal"
            words = f"{rules}: {last.defective} of {last.n} photos of the last hour were anomalies."
            yield Reading(category, len(names), words)


def signal_before(rule: Rule, category: Category | None, span: Span) -> Iterator[Value]:
    if category is None:
        return
    hours = hourly(category, span.since - BASE * HOUR, span.until)
    for place, (hour, _) in enumerate(hours):
        if hour >= span.since:
            names = names_of_signals(hours[max(0, place - BASE) : place + 1])
            if names is not None:
                yield hour + HOUR, len(names)


def register_all() -> None:
    register(
        Kind(
            "signal",
            "Signal on the control chart",
            "The last hour's share of anomalies breaks a Western Electric rule, based on the week before.",
            Number("Limit", "rules at once", 1, 4, 1, whole=True),
            signal,
            signal_before,
            every=3600,
        )
    )
