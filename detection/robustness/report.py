"""The numbers of a robustness report, what they say in sentences, and as a table. Without torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from detection.results import InReview, Interval, Values, WrongRate, WrongRates

# Of good parts: what limits promise unless another share was asked for (`verdicts.cutoffs`).
PROMISE = 0.01
HEADER = (
    *("change", "strength", "amount", "image_auroc", "image_auroc_low", "image_auroc_high"),
    *("false_alarms", "good", "false_alarm_rate", "false_alarm_low", "false_alarm_high"),
    *("misses", "defective", "miss_rate", "miss_low", "miss_high", "review_good", "review_defective"),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """The verdicts on all photos after one change of one strength; strength 0: as they are.

    review: how many of the good and the defective photos are REVIEW, None without such a band. Misses are
    defective photos that are not ANOMALY, so those in REVIEW count.
    """

    strength: int
    amount: str
    auroc: float | None
    auroc_interval: Interval
    rates: WrongRates
    review: InReview | None

    def passes(self, share: float) -> bool:
        """Whether false alarms surely exceed this share of good photos: the 95 % interval is above it."""
        alarms = self.rates.false_alarm
        return alarms is not None and alarms.low is not None and alarms.low > share

    @classmethod
    def from_dict(cls, values: Values) -> Cell:
        return cls(
            strength=int(values["strength"]),
            amount=str(values["amount"]),
            auroc=values["auroc"],
            auroc_interval=tuple(values["auroc_interval"]),
            rates=WrongRates.from_dict(values["rates"]),
            review=InReview.from_dict(values["review"]),
        )

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"rates": self.rates.as_dict()}


@dataclass(frozen=True, slots=True)
class Row:
    """One change at rising strengths."""

    name: str
    title: str
    cells: tuple[Cell, ...]

    def passes_from(self, share: float) -> int | None:
        """The lowest strength at which false alarms pass this share."""
        return next((cell.strength for cell in self.cells if cell.passes(share)), None)


@dataclass(frozen=True, slots=True)
class Report:
    """How the verdicts of a model by these limits hold under harmless changes.

    promise: the share of good parts that may be flagged; `promised`: whether the limits promise it, or it is
    only the usual share. notes: what to know about the numbers, in sentences.
    """

    category: str
    method: str
    threshold: float
    review_from: float | None
    promise: float
    promised: bool
    seed: int
    n_good: int
    n_defect: int
    unchanged: Cell
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @property
    def says(self) -> list[str]:
        """The sentences for people, the most important one first."""
        share = f"the {'promise' if self.promised else 'limit'} of {100 * self.promise:g} %"
        if self.unchanged.passes(self.promise):
            return [f"False alarms exceed {share} even on the photos as they are.", *self.notes]
        passed = [(row, start) for row in self.rows if (start := row.passes_from(self.promise))]
        if not passed:
            return [f"No change makes false alarms exceed {share}, as far as {self._shown_by}.", *self.notes]
        starts: dict[int, list[str]] = {}
        for row, start in passed:
            starts.setdefault(start, []).append(_in_a_sentence(row.title))
        each = [f"with {_listed(names)} from strength {start}" for start, names in sorted(starts.items())]
        return [f"False alarms exceed {share} {', '.join(each)}.", *self.notes]

    def worst(self, strength: int) -> tuple[Row, WrongRate] | None:
        """The change with the most false alarms at this strength."""
        seen = [
            (row, alarms)
            for row in self.rows
            for cell in row.cells
            if cell.strength == strength and (alarms := cell.rates.false_alarm)
        ]
        return max(seen, key=lambda one: one[1].rate, default=None)

    @property
    def _shown_by(self) -> str:
        return f"{self.n_good} good photo{'' if self.n_good == 1 else 's'} can show"

    @classmethod
    def from_dict(cls, values: Values) -> Report:
        rows = tuple(
            Row(row["name"], row["title"], tuple(map(Cell.from_dict, row["cells"]))) for row in values["rows"]
        )
        simple = {name: values[name] for name in _SIMPLE}
        return cls(
            **simple, unchanged=Cell.from_dict(values["unchanged"]), rows=rows, notes=tuple(values["notes"])
        )

    def as_dict(self) -> dict[str, Any]:
        """For JSON, with the sentences."""
        rows = [
            {"name": row.name, "title": row.title, "cells": [cell.as_dict() for cell in row.cells]}
            | {"passes_from": row.passes_from(self.promise)}
            for row in self.rows
        ]
        simple = {name: getattr(self, name) for name in _SIMPLE}
        return simple | {
            "unchanged": self.unchanged.as_dict(),
            "rows": rows,
            "notes": list(self.notes),
            "says": self.says,
        }

    def table(self) -> Iterator[Sequence[Any]]:
        """A line for each change and strength, after HEADER and the photos as they are."""
        yield HEADER
        yield _line("as they are", self.unchanged)
        for row in self.rows:
            for cell in row.cells:
                yield _line(row.name, cell)


_SIMPLE = (
    *("category", "method", "threshold", "review_from", "promise", "promised", "seed", "n_good", "n_defect"),
)


def _line(change: str, cell: Cell) -> Sequence[Any]:
    review = cell.review
    return (
        *(change, cell.strength, cell.amount, cell.auroc, *(cell.auroc_interval or (None, None))),
        *_rate(cell.rates.false_alarm),
        *_rate(cell.rates.miss),
        *((review.good, review.defect) if review else (None, None)),
    )


def _rate(rate: WrongRate | None) -> Sequence[Any]:
    return (rate.count, rate.n, rate.rate, rate.low, rate.high) if rate else (None,) * 5


def _in_a_sentence(title: str) -> str:
    return title if title.split()[0].isupper() else title[0].lower() + title[1:]


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
