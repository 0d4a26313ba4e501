"""The chart of the last days: one bar a day, in a box of 100 units."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import date_format

from inspector.core.charts import Range, ceiling
from inspector.core.templatetags.figures import percent
from inspector.dashboard.selectors import Day


@dataclass(frozen=True, slots=True)
class Bar:
    day: Day
    height: float
    title: str

    @property
    def y(self) -> float:
        return 100 - self.height


@dataclass(frozen=True, slots=True)
class Trend:
    """Bars from the oldest day to today; `top` is the share that a full bar stands for."""

    bars: list[Bar]
    top: float
    judged: int
    anomalies: int


def trend(days: Sequence[Day]) -> Trend:
    shares = [day.share for day in days if day.share is not None]
    scale = Range(0, ceiling(shares))
    bars = [Bar(day, round(scale.place(day.share or 0), 2), _title(day)) for day in days]
    judged, anomalies = sum(day.judged for day in days), sum(day.anomalies for day in days)
    return Trend(bars, scale.high, judged, anomalies)


def _title(day: Day) -> str:
    when = date_format(day.date, "l j F")
    if not day.judged:
        return f"{when}: none judged"
    return f"{when}: {percent(day.share, 1)}, {day.anomalies} of {day.judged}"
