"""When a value raises an alert and when that is over: limit, hysteresis and quiet time, without a database.

The same steps are taken live and over the past (`replay`), so the test of a rule shows what it would do.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from django.utils import timezone


class Change(StrEnum):
    RAISED = "raised"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Levels:
    """over_at: what was raised is over when the value is on the good side of it. below: low ones are bad."""

    limit: float
    over_at: float
    below: bool = False
    quiet: timedelta = timedelta(0)

    def is_reached(self, value: float) -> bool:
        return value <= self.limit if self.below else value >= self.limit

    def is_over(self, value: float) -> bool:
        return value > self.over_at if self.below else value < self.over_at


@dataclass(frozen=True, slots=True)
class Standing:
    """last: when the newest alert was raised."""

    firing: bool = False
    last: datetime | None = None


def step(levels: Levels, now: Standing, moment: datetime, value: float) -> tuple[Standing, Change | None]:
    if now.firing:
        if levels.is_over(value):
            return Standing(False, now.last), Change.OVER
        return now, None
    # One from the future is from before the clock was set back: it would keep the rule quiet until then.
    quiet = now.last is not None and now.last <= moment < now.last + levels.quiet
    if levels.is_reached(value) and not quiet:
        return Standing(True, moment), Change.RAISED
    return now, None


def window_start(hours: tuple[time, time] | None, moment: datetime) -> datetime | None:
    """Since when the hours of the day hold that `moment` lies in; None outside of them.

    Wall-clock times of the installation's zone: from 22:00 until 06:00 is a night, whatever the season.
    """
    if hours is None:
        return datetime.min.replace(tzinfo=moment.tzinfo)
    begin, end = hours
    zone = timezone.get_default_timezone()
    local = timezone.localtime(moment, zone)
    overnight = end <= begin
    at = local.time()
    if overnight and at < end:
        day = local.date() - timedelta(days=1)
    elif at >= begin and (overnight or at < end):
        day = local.date()
    else:
        return None
    return datetime.combine(day, begin, tzinfo=zone)
