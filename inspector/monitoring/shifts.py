"""Shifts by the timetable of this installation (INSPECTOR_SHIFTS): which one a time falls into.

A shift is known by its name and the day on which it begins. It begins and ends when the clock on the wall of
its time zone says so: on the two days of the year when clocks are changed a night shift lasts 7 or 9 hours.
Each instant is of one shift at most.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import combinations
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

LONGEST_NAME, MOST = 40, 8
_ONE = re.compile(r"(?P<name>[^=]+)=(?P<begins>\d\d:\d\d)-(?P<ends>\d\d:\d\d)")
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Hours:
    """A line of the timetable; one that ends before it begins ends on the next day."""

    name: str
    begins: time
    ends: time

    def minutes(self) -> set[int]:
        """Of the day, those that it covers."""
        first, last = (_minutes(at) for at in (self.begins, self.ends))
        length = (last - first) % _DAY or _DAY
        return {(first + n) % _DAY for n in range(length)}


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift of one day, from `start` up to `end` (in UTC)."""

    name: str
    day: date
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Timetable:
    lines: tuple[Hours, ...] = ()
    zone: str = "UTC"

    @property
    def names(self) -> list[str]:
        """In the order of the timetable."""
        return [line.name for line in self.lines]

    def shift_of(self, moment: datetime) -> Shift | None:
        """The shift that an aware time falls into; None between shifts, and without a timetable."""
        today = moment.astimezone(ZoneInfo(self.zone)).date() if self.lines else date.min
        days = (today, today - timedelta(days=1)) if self.lines else ()
        shifts = (shift for day in days for shift in self.of_day(day) if shift.start <= moment < shift.end)
        return next(shifts, None)

    def of_day(self, day: date) -> tuple[Shift, ...]:
        """Those that begin on this day."""
        return _of_day(self, day)

    def of_days(self, first: date, last: date) -> Iterator[Shift]:
        """Those that begin on these days, day by day."""
        for n in range((last - first).days + 1):
            yield from self.of_day(first + timedelta(days=n))


def timetable() -> Timetable:
    return settings.SHIFTS


def shift_of(moment: datetime) -> Shift | None:
    """The shift of this installation's timetable that an aware time falls into, if any."""
    return timetable().shift_of(moment)


def parse(text: str, zone: str) -> Timetable:
    """Of `Early=06:00-14:00, Late=14:00-22:00`; raises ImproperlyConfigured, which says what is wrong."""
    lines = tuple(_line(part.strip()) for part in text.split(",") if part.strip())
    names = [line.name for line in lines]
    if len(lines) > MOST or len({*names}) < len(names):
        raise ImproperlyConfigured(f"INSPECTOR_SHIFTS: at most {MOST} shifts, each with a name of its own.")
    for one, other in combinations(lines, 2):
        if one.minutes() & other.minutes():
            raise ImproperlyConfigured(
                f"INSPECTOR_SHIFTS: {one.name} and {other.name} overlap. A time can be of one shift only."
            )
    if lines and zone not in available_timezones():
        raise ImproperlyConfigured(
            f"INSPECTOR_SHIFT_ZONE: “{zone}” is not a time zone, such as Europe/Berlin."
        )
    return Timetable(lines, zone)


def _line(part: str) -> Hours:
    match = _ONE.fullmatch(part)
    try:
        if not match:
            raise ValueError
        name, begins, ends = match["name"].strip(), *map(time.fromisoformat, (match["begins"], match["ends"]))
    except ValueError:
        name = ""
    if not name or len(name) > LONGEST_NAME:
        raise ImproperlyConfigured(
            f"INSPECTOR_SHIFTS: “{part[:60]}” is not a shift. One looks like Early=06:00-14:00."
        )
    return Hours(name, begins, ends)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


@lru_cache(maxsize=4096)
def _of_day(table: Timetable, day: date) -> tuple[Shift, ...]:
    shifts = []
    for line in table.lines:
        over_midnight = line.ends <= line.begins
        start = _instant(day, line.begins, table.zone)
        end = _instant(day + timedelta(days=over_midnight), line.ends, table.zone)
        if start < end:  # one of the hour that clocks skip is not worked
            shifts.append(Shift(line.name, day, start, end))
    return tuple(shifts)


def _instant(day: date, at: time, zone: str) -> datetime:
    """A time that comes twice is the first one; one that is skipped is as late as if clocks were not changed.

    So what ends then and what begins then still meet.
    """
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)
