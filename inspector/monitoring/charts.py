"""The charts of Trends, each as a figure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from inspector.inspections.models import Outcome
from inspector.monitoring import selectors
from inspector.monitoring.asked import BY, Asked
from inspector.monitoring.count import hour_of
from inspector.monitoring.figures import Column, Figure, Row
from inspector.monitoring.lots import LOT_PHOTOS
from inspector.monitoring.rate import Hours, Mark, Point, Rate, rate_of
from inspector.monitoring.selectors import Counts, Group, hours
from inspector.monitoring.shifts import timetable
from inspector.monitoring.statistics.p_chart import Kind
from inspector.monitoring.statistics.pareto import pareto
from inspector.monitoring.statistics.shares import wilson

MOST_GROUPS, MOST_BARS = 30, 12
WITHOUT_TYPE, OTHERS = "No type named", "Others"
NOTHING = "No photo was judged in this period. Choose a longer one, or another category."
NO_LOTS = "No judged photo of this period has a lot. Enter lots on Inspect, in the API, or by Part rules."
COMPARED = {
    "shift": " A shift links to the newest one of that name.",
    "lot": f" The newest {MOST_GROUPS} lots among the newest {LOT_PHOTOS:,} photos of the period.",
}
NO_SHIFTS = "There is no timetable of shifts. Ask the server's administrator to set INSPECTOR_SHIFTS."
COUNTS = (
    Column("judged", "Judged"),
    Column("defective", "Defective"),
    Column("open", "Undecided"),
)
SHARE = Column("share", "Defect rate", "share")
LIMITS = (Column("low", "Lower limit", "share"), Column("high", "Upper limit", "share"))
FIRST_PASS = Column("first_pass", "First-pass yield", "share")


def of_period(asked: Asked) -> Hours:
    """One read for all charts that count hours."""
    return hours(asked.category, [(asked.since, asked.until), *([asked.base] if asked.base else [])])


def within(asked: Asked, hours: Hours) -> Hours:
    """Those of the period, without what only the base period has."""
    first = hour_of(asked.since)
    return [one for one in hours if first <= one[0] <= asked.until]


def _counts(counts: Counts) -> Row:
    return {
        "judged": counts.judged,
        "defective": counts.defective,
        "open": counts.open,
        "share": counts.share,
        "first_pass": counts.first_pass,
    }


def _history(
    asked: Asked, since: datetime, until: datetime, counts: Counts | None = None, **more: str
) -> str:
    """The photos behind a mark: the defective ones, or all where none is."""
    if counts is None or counts.defective:
        more = {"outcome": Outcome.DEFECTIVE.value, **more}
    return f"{_address()}?{asked.of_history(since, until, more)}"


@cache
def _address() -> str:
    """Looked up once: a year has hundreds of marks."""
    return reverse("inspections:history")


# --- Defect rate ------------------------------------------------------------------------------
def rate(asked: Asked, hours: Hours) -> Figure:
    known = rate_of(asked, hours)
    columns = (Column("label", "Time", "text"), *COUNTS, SHARE, *LIMITS, FIRST_PASS)
    return Figure(
        "rate",
        "Defect rate",
        (*columns, Column("since", "Begins", "time"), Column("signals", "Signals", "text")),
        [_point(asked, point) for point in known.points],
        words=known.words,
        empty="" if any(point.counts.judged for point in known.points) else NOTHING,
        more=_about(known),
    )


def _point(asked: Asked, point: Point) -> Row:
    period = point.period
    return {
        "label": period.label,
        **_counts(point.counts),
        "low": point.low,
        "high": point.high,
        "since": period.since,
        "signals": [rule.name for rule in point.rules],
        "href": _history(asked, period.since, period.last, point.counts),
    }


def _about(known: Rate) -> dict[str, Any]:
    kind = {Kind.P: "p chart", Kind.LANEY: "Laney p' chart"}
    return {
        "chart": kind[known.kind] if known.kind else None,
        "centre": known.centre,
        "sigma_z": known.sigma_z,
        "marks": [_mark(mark) for mark in known.marks],
        "base_since": known.base[0].isoformat(),
        "base_until": known.base[1].isoformat(),
    }


def _mark(mark: Mark) -> Row:
    local = timezone.localtime(mark.time)
    return {
        "at": mark.at,
        "time": local.isoformat(),
        "words": mark.words,
        "when": date_format(local, "j M H:i"),
    }


# --- Pareto -----------------------------------------------------------------------------------
def defects(asked: Asked, total: Counts) -> Figure:
    by_type = selectors.defects(asked.category, asked.since, asked.until)
    several = asked.category is None
    names = {f"{one.category}: {one}" if several else str(one): str(one.pk) for one, _ in by_type}
    counted = list(zip(names, (n for _, n in by_type), strict=True))
    without_type = max(0, total.defective - sum(n for _, n in counted))
    bars = pareto([*counted, (WITHOUT_TYPE, without_type)], rest=OTHERS, at_most=MOST_BARS)
    columns = (
        Column("name", "Defect type", "text"),
        Column("n", "Photos"),
        Column("share", "Share", "share"),
        Column("cumulative", "Cumulative", "share"),
    )
    rows = [
        {"name": bar.name, "n": bar.count, "share": bar.share, "cumulative": bar.cumulative}
        | {"href": _of_type(asked, names.get(bar.name))}
        for bar in bars
    ]
    empty = "" if rows else "No photo of this period is defective."
    return Figure(
        "defects",
        "Pareto of defect types",
        columns,
        rows,
        words=_without_type(without_type, total),
        empty=empty,
    )


def _of_type(asked: Asked, pk: str | None) -> str:
    more = {"defect_type": pk} if pk else {}
    return _history(asked, asked.since, asked.until, None, **more)


def _without_type(n: int, total: Counts) -> str:
    if not n or n < total.defective / 2:
        return ""
    have = f"{n:,} of {total.defective:,} defective parts have no defect type"
    return f"{have}: name it when you review them."


# --- Comparison -------------------------------------------------------------------------------
def comparison(asked: Asked) -> Figure:
    groups = selectors.groups(asked.category, asked.since, asked.until, asked.by, MOST_GROUPS)
    title = dict(BY)[asked.by]
    return Figure(
        "comparison",
        f"Compared by {title.lower()}",
        (
            Column("name", title, "text"),
            *COUNTS,
            SHARE,
            Column("low", "95 % from", "share"),
            Column("high", "to", "share"),
            FIRST_PASS,
        ),
        [_group(asked, group) for group in sorted(groups, key=lambda one: -(one.counts.share or 0))],
        words="The lines are 95 % intervals: rates whose lines overlap may well be the same."
        + COMPARED.get(asked.by, ""),
        empty="" if groups else _nothing_compared(asked),
        more={"by": asked.by},
    )


def _nothing_compared(asked: Asked) -> str:
    if asked.by == "shift" and not timetable().lines:
        return NO_SHIFTS
    return NO_LOTS if asked.by == "lot" else NOTHING


def _group(asked: Asked, group: Group) -> Row:
    counts = group.counts
    low, high = wilson(counts.defective, counts.decided) if counts.decided else (None, None)
    since, until = group.span or (asked.since, asked.until)
    shown = group.filters is not None
    href = _history(asked, since, until, counts, **(group.filters or {})) if shown else ""
    return {"name": group.name, **_counts(counts), "low": low, "high": high, "href": href}


# --- By hour and weekday ----------------------------------------------------------------------
def heat(asked: Asked, hours: Hours) -> Figure:
    """In the person's zone."""
    cells: dict[tuple[int, int], list[tuple[datetime, Counts]]] = defaultdict(list)
    zone = timezone.get_current_timezone()
    for hour, counts in hours:
        local = hour.astimezone(zone)
        cells[local.weekday(), local.hour].append((hour, counts))
    columns = (Column("weekday", "Day", "text"), Column("hour", "Hour", "text"), *COUNTS, SHARE)
    rows = [_heat_cell(asked, *place, cells[place]) for place in sorted(cells)]
    return Figure(
        "heat", "By hour and weekday", columns, rows, empty="" if rows else NOTHING, more={"zone": str(zone)}
    )


DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _heat_cell(asked: Asked, day: int, hour: int, hours: Sequence[tuple[datetime, Counts]]) -> Row:
    counts = selectors.total([one for _, one in hours])
    # Hours of several weeks are no range of History; the worst of them is shown.
    worst = max(hours, key=lambda one: (one[1].defective, one[0]))
    end = worst[0].replace(minute=59, second=59, microsecond=999999)
    return {
        "weekday": DAYS[day],
        "hour": f"{hour:02}:00",
        **_counts(counts),
        "href": _history(asked, worst[0], end, worst[1]),
        "day": day,
        "of_day": hour,
    }


# --- First-pass yield -------------------------------------------------------------------------
def first_pass(of: Figure) -> Figure:
    """From the rows of the defect rate."""
    columns = (Column("label", "Time", "text"), Column("judged", "Judged"), FIRST_PASS)
    words = "Of all parts, the share that was judged OK at once, and that no review found defective."
    kept = ("label", "judged", "first_pass", "href")
    rows = [{key: row[key] for key in kept} for row in of.rows]
    return Figure("first-pass", "First-pass yield", columns, rows, words=words, empty=of.empty)


def _defects_of(asked: Asked, hours: Hours) -> Figure:
    return defects(asked, selectors.total([counts for _, counts in within(asked, hours)]))


# Each chart from what was asked and the hours of `of_period`.
BY_NAME: dict[str, Callable[[Asked, Hours], Figure]] = {
    "rate": rate,
    "defects": _defects_of,
    "comparison": lambda asked, _: comparison(asked),
    "first-pass": lambda asked, hours: first_pass(rate(asked, hours)),
    "heat": lambda asked, hours: heat(asked, within(asked, hours)),
}
