"""A version beside another one, metric by metric, and whether a difference is more than chance.

Where both judged the same test photos and what they said of each is known, they are compared photo by photo
(`detection.metrics.paired`); otherwise a difference is clear if the two 95 % intervals do not overlap.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from inspector.registry.metrics import (
    IMAGE,
    MISSED,
    PIXEL,
    RATES,
    REVIEW,
    Figure,
    Rate,
    Wrong,
    figures,
    mistakes,
    verdicts,
)
from inspector.registry.models import ModelVersion
from inspector.registry.pairs import Paired
from inspector.registry.report import kinds


@dataclass(frozen=True, slots=True)
class Side:
    """A number of one of the two and its interval, in words too; of a rate also how many of how many."""

    value: float | None
    span: str = ""
    low: float | None = None
    high: float | None = None
    counted: tuple[int, int] | None = None


NONE = Side(None)
# With a REVIEW band, what a person sees is no miss: then these two tell more than "not flagged" does.
BANDED = {"missed": MISSED, "review": REVIEW}
TITLES = {
    "false_alarm": RATES["false_alarm"],
    **BANDED,
    "miss": RATES["miss"],
    **IMAGE,
    **{f"pixel_{name}": title for name, title in PIXEL.items()},
}
ORDER = [*TITLES]


@dataclass(frozen=True, slots=True)
class What:
    """What is compared: one of TITLES by its code, or the recall of one kind of defect."""

    code: str
    defect: str = ""

    @property
    def name(self) -> str:
        return f"Recall, {self.defect}" if self.defect else TITLES[self.code]

    @property
    def place(self) -> int:
        return len(ORDER) if self.defect else ORDER.index(self.code)


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric of a version beside that of the one it is compared with.

    plain: it counts verdicts, and needs no knowledge of statistics. clear: whether it is more than chance,
    None where that is not known.
    """

    what: What
    this: Side
    other: Side
    lower_is_better: bool = False
    plain: bool = False
    clear: bool | None = None

    @property
    def name(self) -> str:
        return self.what.name

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.this, self.other

    @property
    def change(self) -> float | None:
        if self.this.value is None or self.other.value is None:
            return None
        return self.this.value - self.other.value

    @property
    def more(self) -> int | None:
        """How many more this one counts, of equally many."""
        this, other = self.this.counted, self.other.counted
        return this[0] - other[0] if this and other and this[1] == other[1] else None

    @property
    def word(self) -> str:
        if self.what.code == "review":
            return ""  # more of it is neither better nor worse
        if self.change is None:
            return "not comparable"
        if round(self.change, 3) == 0:
            return "same"
        if self.clear is False:
            return "no clear difference"
        return "better" if (self.change < 0) == self.lower_is_better else "worse"


def compare(
    version: ModelVersion, other: ModelVersion | None, evidence: Paired | None = None
) -> list[Difference]:
    """First how often they are wrong, then overall metrics, then the recall of each kind of defect that both
    know; empty where there is nothing to compare. evidence: what is known photo by photo."""
    if other is None or other.pk == version.pk:
        return []
    banded = _banded if version.results.review or other.results.review else _none
    differences = [
        *_both(_beside(version, other, banded, lower_is_better=True, plain=True)),
        *_beside(version, other, _rates, lower_is_better=True, plain=True),
        *_beside(version, other, _overall),
        *_both(_beside(version, other, _recalls, plain=True)),
    ]
    differences.sort(key=lambda row: row.what.place)
    if all(row.change is None for row in differences):
        return []
    return [replace(row, clear=_is_clear(row, evidence)) for row in differences]


def same_photos(version: ModelVersion, other: ModelVersion | None) -> bool:
    """Whether both were judged on equally many photos of each label; otherwise their metrics say less."""
    if other is None:
        return True
    return _tested_on(version) == _tested_on(other)


Sides = dict[What, Side]


def _is_clear(row: Difference, evidence: Paired | None) -> bool | None:
    clear = evidence.clear(row.what.code, row.what.defect) if evidence else None
    if clear is not None:
        return clear
    this, other = row.this, row.other
    if this.low is None or this.high is None or other.low is None or other.high is None:
        return None
    return this.low > other.high or other.low > this.high


def _beside(
    version: ModelVersion,
    other: ModelVersion,
    sides: Callable[[ModelVersion], Sides],
    *,
    lower_is_better: bool = False,
    plain: bool = False,
) -> list[Difference]:
    this, that = sides(version), sides(other)
    known = sorted({**this, **that}, key=lambda what: what.place)
    return [
        Difference(what, this.get(what, NONE), that.get(what, NONE), lower_is_better, plain) for what in known
    ]


def _side(figure: Figure) -> Side:
    return Side(figure.value, figure.span, figure.low, figure.high)


def _overall(version: ModelVersion) -> Sides:
    return {What(figure.code): _side(figure) for figure in figures(version)}


def _rates(version: ModelVersion) -> Sides:
    wrong = Wrong.of(version.results.rates)
    rates = {"false_alarm": wrong.false_alarm, "miss": wrong.miss}
    return {What(code): _side_of(rate) for code, rate in rates.items() if rate}


def _side_of(rate: Rate) -> Side:
    return Side(rate.rate, rate.span, rate.low, rate.high, (rate.count, rate.n))


def _none(version: ModelVersion) -> Sides:
    return {}


def _both(rows: list[Difference]) -> list[Difference]:
    return [row for row in rows if NONE not in (row.this, row.other)]


def _banded(version: ModelVersion) -> Sides:
    """Missed defects and photos for review, where it was judged on any."""
    counts = {mistake.show: (mistake.count, mistake.n) for mistake in mistakes(version)}
    if counts:
        counts.setdefault("review", (0, sum(row.n for row in verdicts(version))))
    return {
        What(code): Side(counts[code][0] / counts[code][1], counted=counts[code])
        for code in BANDED
        if code in counts
    }


def _recalls(version: ModelVersion) -> Sides:
    recalls = {}
    for kind in kinds(version):
        side = _side(Figure(kind.name, kind.recall, *kind.recall_interval))
        counted = None if kind.flagged is None else (kind.flagged, kind.n)
        recalls[What("recall", kind.name)] = replace(side, counted=counted)
    return recalls


def _tested_on(version: ModelVersion) -> tuple[int, dict[str, int]]:
    return version.results.n_good, {kind.name: kind.n for kind in kinds(version)}
