"""Of the newest photos: shares of anomalies and defective parts, anomalies in a row, and missing photos."""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from inspector.categories.models import Category
from inspector.core.templatetags.figures import duration
from inspector.inspections.models import Inspection, Outcome, Verdict
from inspector.monitoring.alerts.kinds import Asked, Kind, Number, Reading, Span, Value, register
from inspector.monitoring.alerts.machine import window_start
from inspector.monitoring.alerts.measures.past import MOST, judged, judged_in, moments
from inspector.monitoring.alerts.models import Rule

EVERY = timedelta(minutes=5)


# --- Shares ----------------------------------------------------------------------------------
def _share(field: str, bad: str, noun: str) -> Callable[[Asked], Iterator[Reading]]:
    def read(asked: Asked) -> Iterator[Reading]:
        for category in asked.categories:
            values = list(judged(category).values_list(field, flat=True)[: asked.last])
            if len(values) == asked.last:
                n = values.count(bad)
                percent = 100 * n / asked.last
                words = f"{n} of the last {asked.last} photos were {noun} ({percent:.3g} %)."
                yield Reading(category, percent, words)

    return read


def _share_before(field: str, bad: str) -> Callable[[Rule, Category | None, Span], Iterator[Value]]:
    def replay(rule: Rule, category: Category | None, span: Span) -> Iterator[Value]:
        """Today's outcomes: what was decided later counts from the beginning."""
        size = rule.last or 1
        window: deque[bool] = deque(maxlen=size)
        count = 0
        for moment, value in judged_in(category, span, "created", field):
            count += (value == bad) - (window[0] if len(window) == size else 0)
            window.append(value == bad)
            if len(window) == size:
                yield moment, 100 * count / size

    return replay


# --- In a row --------------------------------------------------------------------------------
def in_a_row(asked: Asked) -> Iterator[Reading]:
    """Counted up to the limit."""
    most = int(asked.rule.limit)
    for category in asked.categories:
        run = 0
        for verdict in judged(category).values_list("verdict", flat=True)[:most]:
            if verdict != Verdict.ANOMALY:
                break
            run += 1
        yield Reading(category, run, f"The last {run} photos were all anomalies." if run else "None.")


def in_a_row_before(rule: Rule, category: Category | None, span: Span) -> Iterator[Value]:
    run = 0
    for moment, verdict in judged_in(category, span, "created", "verdict"):
        run = run + 1 if verdict == Verdict.ANOMALY else 0
        yield moment, run


# --- None comes ------------------------------------------------------------------------------
def silence(asked: Asked) -> Iterator[Reading]:
    """Minutes since the newest photo; of the hours of the day that the rule holds in, since they began."""
    now = timezone.now()
    for category in asked.categories if asked.rule.category_id else [None]:
        last = _sent(category).values_list("created", flat=True).first()
        if last is not None:
            minutes = _silent(asked.rule, last, now)
            words = f"No photo for {duration(60 * minutes)}; the last came {_at(last)}."
            yield Reading(category, minutes, words)


def silence_before(rule: Rule, category: Category | None, span: Span) -> Iterator[Value]:
    rows = _sent(category).filter(created__gte=span.since, created__lt=span.until)
    times = list(reversed(rows.values_list("created", flat=True)[:MOST]))
    for moment in moments(span, EVERY):
        place = bisect_right(times, moment)
        if place:
            yield moment, _silent(rule, times[place - 1], moment)


def _sent(category: Category | None) -> QuerySet[Inspection]:
    rows = Inspection.objects.filter(category=category) if category else Inspection.objects.all()
    return rows.order_by("-created", "-pk")


def _silent(rule: Rule, last: datetime, now: datetime) -> float:
    since = max(last, window_start(rule.hours, now) or last)
    return max(0.0, (now - since).total_seconds() / 60)


def _at(moment: datetime) -> str:
    return f"{timezone.localtime(moment, timezone.get_default_timezone()):%d %b %H:%M}"


def register_all() -> None:
    share, window = (
        Number("Limit", "%", 0.01, 100, 5),
        Number("Of the last", "photos", 5, 5000, 100, whole=True),
    )
    for value, title, noun, field, bad in (
        ("anomalies", "Share of anomalies", "anomalies", "verdict", Verdict.ANOMALY),
        ("defects", "Share of defective parts", "defective", "outcome", Outcome.DEFECTIVE),
    ):
        by_what = "by the model's verdict" if field == "verdict" else "by decisions, otherwise by the verdict"
        register(
            Kind(
                value,
                title,
                f"Of the last photos of a category, {by_what}.",
                share,
                _share(field, bad, noun),
                _share_before(field, bad),
                last=window,
            )
        )
    register(
        Kind(
            "row",
            "Anomalies in a row",
            "This many photos of a category in a row were ANOMALY.",
            Number("Limit", "photos", 2, 500, 5, whole=True),
            in_a_row,
            in_a_row_before,
        )
    )
    register(
        Kind(
            "silence",
            "No new photos",
            "No photo has arrived for this long; perhaps a camera or its computer has stopped. "
            "For all categories: no photo of any of them.",
            Number("Limit", "minutes", 1, 100_000, 30),
            silence,
            silence_before,
            each=False,
        )
    )
