"""A period in points: hours, days or weeks of the person's zone, whose hourly sums are UTC's."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from django.utils import timezone

from inspector.core.moments import just_before
from inspector.monitoring.count import hour_of


class Per(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


PER = ((Per.HOUR.value, "An hour"), (Per.DAY.value, "A day"), (Per.WEEK.value, "A week"))
LENGTH = {Per.HOUR: timedelta(hours=1), Per.DAY: timedelta(days=1), Per.WEEK: timedelta(weeks=1)}
MOST_POINTS = 800
# The longest periods in which a point is an hour by default, and in which it is a day.
HOURLY, DAILY = timedelta(days=3), timedelta(days=400)


def fitting(since: datetime, until: datetime) -> Per:
    if until - since <= HOURLY:
        return Per.HOUR
    return Per.DAY if until - since <= DAILY else Per.WEEK


def too_many(per: str, since: datetime, until: datetime) -> str:
    """What to say if there are more points than a chart can show; otherwise ""."""
    points = (until - since) / LENGTH[Per(per)]
    if points <= MOST_POINTS:
        return ""
    most = LENGTH[Per(per)] * MOST_POINTS
    return f"A chart shows {MOST_POINTS} points at most: {most.days:,} days by the {per}."


@dataclass(frozen=True, slots=True)
class Period:
    """One point: from its beginning up to its end, which belongs to the next."""

    since: datetime
    until: datetime
    label: str

    @property
    def last(self) -> datetime:
        """The last moment that belongs to it, as History's filters take it."""
        return just_before(self.until)


def periods(since: datetime, until: datetime, per: Per) -> list[Period]:
    """All that touch the time from `since` to `until`. A day has 23 hours where the clock is put forward."""
    starts = _hours(since, until) if per is Per.HOUR else _days(since, until, 7 if per is Per.WEEK else 1)
    return [Period(start, end, _label(start, per)) for start, end in pairwise(starts)]


def _hours(since: datetime, until: datetime) -> list[datetime]:
    start = hour_of(since)
    count = int((until - start) / LENGTH[Per.HOUR]) + 1
    utc = start.timestamp()
    zone = timezone.get_current_timezone()
    return [datetime.fromtimestamp(utc + 3600 * n, zone) for n in range(count + 1)]


def _days(since: datetime, until: datetime, step: int) -> list[datetime]:
    first, last = timezone.localtime(since).date(), timezone.localtime(until).date()
    if step == 7:
        first -= timedelta(days=first.weekday())
    count = (last - first).days // step + 1
    return [_midnight(first + timedelta(days=step * n)) for n in range(count + 1)]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _label(start: datetime, per: Per) -> str:
    day = f"{start.day} {start:%b}"  # a year of Django's date_format takes a tenth of a second
    if per is Per.HOUR:
        return f"{start:%a} {day} {start:%H:%M}"
    return f"{start:%a} {day} {start:%Y}" if per is Per.DAY else f"Week of {day} {start:%Y}"


def place_of(moments: Sequence[datetime], among: Sequence[Period]) -> list[int]:
    """Of each moment the place of its period; -1 where it is before all or after the last."""
    starts = [one.since.timestamp() for one in among]
    end = among[-1].until.timestamp() if among else 0.0
    places = []
    for moment in moments:
        stamp = moment.timestamp()
        places.append(bisect_right(starts, stamp) - 1 if stamp < end else -1)
    return places
