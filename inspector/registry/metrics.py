"""A version's numbers as its page shows them: each with how far it may be from the truth."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from detection.results import PixelResult, WrongRate, WrongRates
from inspector.core.templatetags.figures import percent
from inspector.registry.models import ModelVersion

# name in metrics: what people call it. The first four of a version are columns, too.
IMAGE = {
    "image_auroc": "Image AUROC",
    "average_precision": "Average precision",
    "f1": "F1",
    "precision": "Precision",
    "recall": "Recall",
}
PIXEL = {"auroc": "Pixel AUROC", "aupro": "AUPRO", "f1": "Pixel F1"}
RATES = {"false_alarm": "False alarms", "miss": "Defects not flagged"}
# About a version's mistakes: a defect in REVIEW is not missed, because a person sees it.
MISSED, REVIEW = "Missed defects", "For review"
# The level at which a sentence gives the p-values of good test photos.
EXAMPLE_LEVEL = 0.05
EN_DASH = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric and its 95 % interval; `span` is that in words, "" where there is none. code: of IMAGE or
    PIXEL, those of pixels with “pixel_” before them."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    code: str = field(default="", kw_only=True)

    @property
    def span(self) -> str:
        if self.low is None or self.high is None:
            return ""
        return f"{self.low:.3f}{EN_DASH}{self.high:.3f}"


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a verdict was wrong, with its exact binomial interval where that is known."""

    name: str
    count: int
    n: int
    rate: float
    low: float | None
    high: float | None

    @property
    def span(self) -> str:
        if self.low is None or self.high is None:
            return ""
        return f"{100 * self.low:.1f}{EN_DASH}{percent(self.high, 1)}"


@dataclass(frozen=True, slots=True)
class Wrong:
    """Both rates; None where it was judged on no such photos."""

    false_alarm: Rate | None
    miss: Rate | None

    @classmethod
    def of(cls, rates: WrongRates) -> "Wrong":
        return cls(_rate("false_alarm", rates.false_alarm), _rate("miss", rates.miss))


def _rate(name: str, wrong: WrongRate | None) -> Rate | None:
    return Rate(RATES[name], wrong.count, wrong.n, wrong.rate, wrong.low, wrong.high) if wrong else None


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What became of the good or of the defective test photos; review is None without a REVIEW band."""

    is_good: bool
    n: int
    anomaly: int
    review: int | None
    ok: int


@dataclass(frozen=True, slots=True)
class Mistake:
    """How many test photos got a wrong or an unsure verdict; `show` is the filter of their page."""

    name: str
    show: str
    count: int
    n: int
    span: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """Of `n` good test photos, how many have a p-value of at most `p`, and how many are expected to."""

    p: float
    n: int
    count: int

    @property
    def expected(self) -> float:
        return self.p * self.n


def figures(version: ModelVersion) -> list[Figure]:
    """The four columns first, whatever they hold; of the others those that were measured."""
    measured = version.results
    image_figures = []
    for name, label in IMAGE.items():
        value = measured.average_precision if name == "average_precision" else getattr(version, name)
        if value is not None or name != "average_precision":
            image_figures.append(Figure(label, value, *measured.interval(name), code=name))
    pixel = measured.pixel or PixelResult()
    return image_figures + [
        Figure(label, value, *measured.interval(f"pixel_{name}"), code=f"pixel_{name}")
        for name, label in PIXEL.items()
        if (value := getattr(pixel, name)) is not None
    ]


def verdicts(version: ModelVersion) -> list[Verdicts]:
    """Defective ones first; empty for a version that was judged on nothing."""
    measured, counts = version.results, version.results.confusion
    if counts is None:
        return []
    defect, good = (measured.review.defect, measured.review.good) if measured.review else (None, None)
    return [
        Verdicts(False, measured.n_defect, counts.tp, review=defect, ok=counts.fn - (defect or 0)),
        Verdicts(True, measured.n_good, counts.fp, review=good, ok=counts.tn - (good or 0)),
    ]


def mistakes(version: ModelVersion) -> list[Mistake]:
    """Missed defects, false alarms, and those for review where there is such a band."""
    sides = {row.is_good: row for row in verdicts(version)}
    if not sides:
        return []
    defect, good = sides[False], sides[True]
    wrong = Wrong.of(version.results.rates)
    rows = []
    for name, show, count, n, rate in (
        (MISSED, "missed", defect.ok, defect.n, wrong.miss),
        ("False alarms", "false-alarms", good.anomaly, good.n, wrong.false_alarm),
    ):
        # With a REVIEW band "not flagged" is more than missed: then its interval is about something else.
        span = rate.span if rate and (rate.count, rate.n) == (count, n) else ""
        if n:
            rows.append(Mistake(name, show, count, n, span))
    if defect.review is not None or good.review is not None:
        unsure = (defect.review or 0) + (good.review or 0)
        rows.append(Mistake(REVIEW, "review", unsure, defect.n + good.n))
    return rows


def in_words(version: ModelVersion) -> str:
    """Such as “missed 3 of 63 defects, 1 false alarm on 20 good parts”; "" for one judged on nothing."""
    by_name = {mistake.show: mistake for mistake in mistakes(version)}
    said = []
    if "missed" in by_name:
        said.append(f"missed {by_name['missed'].count} of {_things(by_name['missed'].n, 'defect')}")
    if "false-alarms" in by_name:
        alarms = by_name["false-alarms"]
        said.append(f"{_things(alarms.count, 'false alarm')} on {_things(alarms.n, 'good part')}")
    return ", ".join(said)


def _things(n: int, name: str) -> str:
    return f"{n:,} {name}{'' if n == 1 else 's'}"


def rates(version: ModelVersion) -> list[Rate]:
    """False alarms and missed defects; empty for versions that were judged before these were kept."""
    wrong = Wrong.of(version.results.rates)
    return [rate for rate in (wrong.false_alarm, wrong.miss) if rate]


def reliability(version: ModelVersion) -> list[Point]:
    """How well p-values are calibrated, on good test photos."""
    return [Point(point.p, point.n, point.count) for point in version.results.p_values]


def example_point(points: Sequence[Point]) -> Point | None:
    """The one point that stands for all in a sentence: the nearest to 5 %."""
    return min(points, key=lambda point: abs(point.p - EXAMPLE_LEVEL), default=None)
