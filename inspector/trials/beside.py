"""Versions of several categories side by side, each on scales that all of them share.

Scores of two versions have nothing in common but their limits, so they are given in multiples of the
threshold; everything else is a share of the photos that a version was tested on.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from detection.files import tables
from inspector.core.charts import Point, Range, polyline
from inspector.inspections.score_chart import Row, axis_of, row_of, ticks_of
from inspector.registry.methods import title
from inspector.registry.metrics import Figure, Mistake, figures, mistakes
from inspector.registry.models import ModelVersion
from inspector.registry.report import Kind, kinds
from inspector.samples.models import GOOD
from inspector.trials.curves import precision_recall, roc

UNIT = Range(0.0, 1.0)
# Ratios to the threshold beyond these lie in the outermost bars.
FARTHEST = 1000.0
Scores = dict[int, tuple[list[float], list[float]]]


@dataclass(frozen=True, slots=True)
class KindBar:
    """A kind of defect, and how much of it was flagged, in percent."""

    kind: Kind
    percent: float


@dataclass(frozen=True)
class Compared:
    """A version, with what it said of its test photos: scores in multiples of its threshold."""

    version: ModelVersion
    good: list[float]
    defective: list[float]
    axis: Range

    @cached_property
    def roc(self) -> list[Point]:
        return roc(self.good, self.defective)

    @cached_property
    def pr(self) -> list[Point]:
        return precision_recall(self.good, self.defective)

    @property
    def roc_line(self) -> str:
        return polyline(self.roc, UNIT, UNIT)

    @property
    def pr_line(self) -> str:
        return polyline(self.pr, UNIT, UNIT)

    @property
    def rows(self) -> list[Row]:
        """Bars of its scores on the common axis."""
        named = (("good", "Good", self.good), ("defect", "Defective", self.defective))
        return [row_of(name, title, scores, self.axis) for name, title, scores in named if scores]

    @property
    def marks(self) -> list[tuple[str, float]]:
        """Where on that axis ANOMALY begins, and REVIEW."""
        limits = [("ANOMALY", self.axis.place(1.0))]
        review = self.version.review_from
        if review and self.version.threshold > 0:
            share = max(review / self.version.threshold, self.axis.low)
            limits.append(("REVIEW", self.axis.place(share)))
        return limits

    @cached_property
    def metrics(self) -> list[Figure]:
        return figures(self.version)

    @cached_property
    def mistakes(self) -> list[Mistake]:
        """Missed defects, false alarms, photos for review."""
        return mistakes(self.version)

    @property
    def by_code(self) -> dict[str, Figure]:
        return {figure.code: figure for figure in self.metrics}

    @property
    def counted(self) -> dict[str, Mistake]:
        """The mistakes by what they are: missed, false_alarms, review."""
        return {mistake.show.replace("-", "_"): mistake for mistake in self.mistakes}

    @cached_property
    def kinds(self) -> list[Kind]:
        """How many of each kind of defect were flagged, the fewest first."""
        return sorted(kinds(self.version), key=lambda kind: 1.0 if kind.recall is None else kind.recall)

    @property
    def kind_bars(self) -> list[KindBar]:
        return [KindBar(kind, 100 * (kind.recall or 0.0)) for kind in self.kinds]

    @property
    def name(self) -> str:
        return f"{self.version.category} v{self.version.number}"

    @property
    def method(self) -> str:
        return title(self.version.method)

    @property
    def milliseconds(self) -> float | None:
        """For a verdict, measured by its training."""
        return self.version.results.ms_per_image


@dataclass(frozen=True, slots=True)
class Comparison:
    """ticks: where on the common axis, and how many times the threshold."""

    shown: list[Compared]
    ticks: list[tuple[float, str]]


def compare(versions: Sequence[ModelVersion], scores: Scores) -> Comparison:
    """scores: by version, those of its good and of its defective test photos."""
    ratios = {version.pk: _ratios(version, *scores.get(version.pk, ([], []))) for version in versions}
    every = [one for good, defective in ratios.values() for one in (*good, *defective)]
    limits = [
        version.review_from / version.threshold
        for version in versions
        if version.review_from and version.threshold > 0
    ]
    axis = axis_of(every, [1.0, *limits])
    return Comparison([Compared(one, *ratios[one.pk], axis) for one in versions], ticks_of(axis))


def _ratios(
    version: ModelVersion, good: Sequence[float], defective: Sequence[float]
) -> tuple[list[float], list[float]]:
    if not (version.threshold > 0 and math.isfinite(version.threshold)):
        return [], []
    ends = 1 / FARTHEST, FARTHEST

    def ratio(score: float) -> float:
        return min(max(score / version.threshold, ends[0]), ends[1])

    return [ratio(score) for score in good], [ratio(score) for score in defective]


# --- CSV ----------------------------------------------------------------------------------------
HEAD = (
    "category",
    "version",
    "method",
    "standing",
    "metric",
    "value",
    "95 % from",
    "to",
    "count",
    "of",
)


def as_csv(comparison: Comparison) -> Iterator[str]:
    """A row for each metric of each version."""
    yield tables.lines([HEAD])
    for one in comparison.shown:
        version = one.version
        first = (version.category.name, f"v{version.number}", version.method, version.standing)
        yield tables.lines([(*first, *row) for row in _numbers(one)])


def _numbers(one: Compared) -> Iterator[tuple[object, ...]]:
    results = one.version.results
    yield "test photos, good", results.n_good, "", "", "", ""
    yield "test photos, defective", results.n_defect, "", "", "", ""
    for figure in one.metrics:
        yield figure.name, figure.value, figure.low, figure.high, "", ""
    for mistake in one.mistakes:
        share = mistake.count / mistake.n if mistake.n else ""
        yield mistake.name, share, "", "", mistake.count, mistake.n
    for kind in one.kinds:
        yield f"recall, {kind.name}", kind.recall, *(kind.recall_interval or ("", "")), kind.flagged, kind.n
    if one.milliseconds is not None:
        yield "ms per photo", one.milliseconds, "", "", "", ""
    if one.version.making.seconds is not None:
        yield "training, s", one.version.making.seconds, "", "", "", ""


def scores_of(rows: Iterator[tuple[int, str, float]]) -> Scores:
    """From rows of version, label and score."""
    scores: Scores = {}
    for version, label, score in rows:
        good, defective = scores.setdefault(version, ([], []))
        (good if label == GOOD else defective).append(score)
    return scores
