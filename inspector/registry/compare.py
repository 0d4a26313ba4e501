"""A version beside another one, metric by metric."""

from collections.abc import Callable
from dataclasses import dataclass

from inspector.registry.metrics import IMAGE, PIXEL, Figure, figures, rates
from inspector.registry.models import ModelVersion
from inspector.registry.report import kinds


@dataclass(frozen=True, slots=True)
class Side:
    """A number of one of the two, and its interval in words."""

    value: float | None
    span: str = ""


NONE = Side(None)
ORDER = [*IMAGE.values(), *PIXEL.values()]


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric of a version beside that of the one it is compared with."""

    name: str
    this: Side
    other: Side
    lower_is_better: bool = False

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.this, self.other

    @property
    def change(self) -> float | None:
        if self.this.value is None or self.other.value is None:
            return None
        return self.this.value - self.other.value

    @property
    def word(self) -> str:
        if self.change is None:
            return "not comparable"
        if round(self.change, 3) == 0:
            return "same"
        return "better" if (self.change < 0) == self.lower_is_better else "worse"


def compare(version: ModelVersion, other: ModelVersion | None) -> list[Difference]:
    """Overall metrics first, then how often they are wrong, then the recall of each kind of defect both
    know; empty without another version."""
    if other is None or other.pk == version.pk:
        return []
    return [
        *_beside(version, other, _overall),
        *_beside(version, other, _rates, lower_is_better=True),
        *(row for row in _beside(version, other, _recalls) if NONE not in (row.this, row.other)),
    ]


def same_photos(version: ModelVersion, other: ModelVersion | None) -> bool:
    """Whether both were judged on equally many photos of each label; else their metrics say less."""
    if other is None:
        return True
    return _tested_on(version) == _tested_on(other)


Sides = dict[str, Side]


def _beside(
    version: ModelVersion,
    other: ModelVersion,
    sides: Callable[[ModelVersion], Sides],
    *,
    lower_is_better: bool = False,
) -> list[Difference]:
    this, that = sides(version), sides(other)
    names = sorted({**this, **that}, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
    return [Difference(name, this.get(name, NONE), that.get(name, NONE), lower_is_better) for name in names]


def _overall(version: ModelVersion) -> Sides:
    return {figure.name: Side(figure.value, figure.span) for figure in figures(version)}


def _rates(version: ModelVersion) -> Sides:
    found = {rate.name: Figure(rate.name, rate.rate, rate.low, rate.high) for rate in rates(version)}
    return {name: Side(figure.value, figure.span) for name, figure in found.items()}


def _recalls(version: ModelVersion) -> Sides:
    return {f"Recall, {kind.name}": Side(kind.recall) for kind in kinds(version)}


def _tested_on(version: ModelVersion) -> tuple[int, dict[str, int]]:
    return version.metrics.get("n_good", 0), {kind.name: kind.n for kind in kinds(version)}
