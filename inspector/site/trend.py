"""The chart of the last days: one bar a day, anomalies and on top of them REVIEW, in a box of 100 units."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import date_format

from inspector.core.charts import Range, ceiling
from inspector.core.templatetags.figures import percent
from inspector.site.selectors import Day


@dataclass(frozen=True, slots=True)
class Bar:
    day: Day
    height: float
    review_height: float
    title: str

    @property
    def y(self) -> float:
        return 100 - self.height

    @property
    def review_y(self) -> float:
        return 100 - self.height - self.review_height


@dataclass(frozen=True, slots=True)
class Trend:
    """Bars from the oldest day to today; `top` is the share that a full bar stands for."""

    bars: list[Bar]
    top: float
    judged: int
    anomalies: int
    review: int


def trend(days: Sequence[Day]) -> Trend:
    scale = Range(0, ceiling([(day.share or 0) + (day.review_share or 0) for day in days]))
    return Trend(
        bars=[_bar(day, scale) for day in days],
        top=scale.high,
        judged=sum(day.judged for day in days),
        anomalies=sum(day.anomalies for day in days),
        review=sum(day.review for day in days),
    )


def _bar(day: Day, scale: Range) -> Bar:
    height, review = (round(scale.place(share or 0), 2) for share in (day.share, day.review_share))
    return Bar(day, height, review, _title(day))


def _title(day: Day) -> str:
    when = date_format(day.date, "l j F")
    if not day.judged:
        return f"{when}: none judged"
    review = f"; {day.review} for review" if day.review else ""
    return f"{when}: {percent(day.share, 1)}, {day.anomalies} of {day.judged}{review}"
