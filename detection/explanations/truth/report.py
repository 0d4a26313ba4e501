"""What the checks found, a row for each kind, and whether it passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detection.explanations.truth.curves import Curves
from detection.metrics.intervals import binomial

if TYPE_CHECKING:
    from detection.explanations.truth import Seen

# An explanation fails if its order of places stays this similar after everything learned is shuffled.
ALIKE = 0.5
_RESAMPLES = 2000
HEAD = (
    *("kind", "pointing (95 %)", "by area", "deletion", "insertion", "less than chance's (95 %)"),
    *("shuffled", "like the map", "s", ""),
)


@dataclass(frozen=True, slots=True)
class Row:
    """pointing: hits among the photos with masks, with its 95 % interval; area: the share of photos that
    masks take, what chance would hit. deletion, insertion: see `curves`; gain: deletion less that of a random
    order, with its 95 % interval. shuffled: mean rank correlation with itself by a shuffled model. rho: with
    other kinds. fails: why it should not be offered, in words; empty if it passed."""

    kind: str
    n: int
    pointing: float | None
    pointing_interval: tuple[float, float] | None
    area: float | None
    deletion: float | None
    insertion: float | None
    gain: tuple[float, float] | None
    shuffled: float | None
    rho: dict[str, float]
    seconds: float
    fails: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def row_of(kind: str, seen: Sequence[Seen], chance: Sequence[Curves]) -> Row:
    """The row of a kind from what it said of each photo. chance: the curves of the same photos by a random
    order."""
    pointed = [one for one in seen if one.hit is not None]
    interval = binomial(sum(bool(one.hit) for one in pointed), len(pointed)) if pointed else None
    area = _mean([one.area for one in pointed])
    lines = [one.curves for one in seen if one.curves]
    gain = _interval(np.array([a.deletion - b.deletion for a, b in zip(lines, chance, strict=True)]))
    shuffled = _mean([one.shuffled for one in seen if one.shuffled is not None])
    return Row(
        kind=kind,
        n=len(seen),
        pointing=_mean([float(bool(one.hit)) for one in pointed]),
        pointing_interval=interval,
        area=area,
        deletion=_mean([line.deletion for line in lines]),
        insertion=_mean([line.insertion for line in lines]),
        gain=gain,
        shuffled=shuffled,
        rho={name: float(np.mean([one.rho[name] for one in seen])) for name in seen[0].rho},
        seconds=float(np.mean([one.seconds for one in seen])),
        fails=_fails(interval, area, gain, shuffled),
    )


def _fails(
    interval: tuple[float, float] | None,
    area: float | None,
    gain: tuple[float, float] | None,
    shuffled: float | None,
) -> tuple[str, ...]:
    reasons = []
    if interval and area is not None and interval[0] <= area:
        reasons.append("does not point at defects more often than chance")
    if gain is None or gain[1] >= 0:
        reasons.append("its places add no more to the score than random places")
    if shuffled is not None and shuffled > ALIKE:
        reasons.append("says the same of a shuffled model")
    return tuple(reasons)


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _interval(values: NDArray[np.float64]) -> tuple[float, float] | None:
    """The 95 % interval of a mean, by resampling photos."""
    if not len(values):
        return None
    drawn = np.random.default_rng(0).integers(0, len(values), (_RESAMPLES, len(values)))
    low, high = np.quantile(values[drawn].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def table(rows: Sequence[Row]) -> list[str]:
    """As Markdown."""
    return [f"| {' | '.join(HEAD)} |", "|---" * len(HEAD) + "|", *(line(row.as_dict()) for row in rows)]


def line(row: dict[str, Any]) -> str:
    """A row, as `Row.as_dict` gives it, as a line of the table."""
    pointing, gain = _number(row["pointing"]), "-"
    if row["pointing_interval"]:
        low, high = row["pointing_interval"]
        pointing += f" ({low:.2f} to {high:.2f})"
    if row["gain"]:
        gain = f"{row['gain'][0]:+.2f} to {row['gain'][1]:+.2f}"
    cells = (
        row["kind"],
        pointing,
        _number(row["area"]),
        _number(row["deletion"]),
        _number(row["insertion"]),
        gain,
        _number(row["shuffled"]),
        _number(row["rho"].get("anomaly map")),
        f"{row['seconds']:.1f}",
        "; ".join(row["fails"]) or "passes",
    )
    return f"| {' | '.join(cells)} |"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
