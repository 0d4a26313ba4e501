"""Whether parts of one station, shift or lot are judged differently from the others: shares of groups, each
against all other groups together.

Fisher's exact test, because events are rare: with three false alarms at a station a normal approximation is
of no use. Many groups and several shares are tested at once, so p-values are adjusted (`discovery`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from inspector.monitoring.statistics.discovery import adjusted
from inspector.monitoring.statistics.shares import modified_wilson

FALSE_DISCOVERIES = 0.05
# Tables as likely as the one seen, except for rounding, count as equally unlikely.
_EQUAL = 1 + 1e-7


@dataclass(frozen=True)
class Counted:
    """`hits` of `n` photos of a group."""

    hits: int
    n: int


@dataclass(frozen=True)
class Compared:
    """A group's share with its 95 % interval, and that of all other groups together. `p_value` is adjusted
    for the number of comparisons; None where there is nothing to compare with."""

    counted: Counted
    share: float | None
    low: float | None
    high: float | None
    others: float | None
    p_value: float | None

    @property
    def differs(self) -> bool:
        """Of those that are said to differ, 5 % do not on average."""
        return self.p_value is not None and self.p_value <= FALSE_DISCOVERIES

    @property
    def is_higher(self) -> bool:
        return self.differs and (self.share or 0.0) > (self.others or 0.0)


def compare(measures: Mapping[str, Sequence[Counted]]) -> dict[str, list[Compared]]:
    """By measure, each group in the given order. All comparisons of all measures are adjusted together."""
    rests = {
        name: [_others(groups, place) for place in range(len(groups))] for name, groups in measures.items()
    }
    tested = [
        (name, place)
        for name, groups in measures.items()
        for place, one in enumerate(groups)
        if one.n and rests[name][place].n
    ]
    p_values = dict(
        zip(
            tested,
            adjusted([fisher(measures[name][at], rests[name][at]) for name, at in tested]),
            strict=True,
        )
    )
    return {
        name: [
            _compared(one, rests[name][place], p_values.get((name, place)))
            for place, one in enumerate(groups)
        ]
        for name, groups in measures.items()
    }


def fisher(one: Counted, other: Counted) -> float:
    """The chance of a table as unlikely as this one, if both have the same share (Fisher 1935, The Design of
    Experiments); two-sided, both sums of the table given."""
    hits = one.hits + other.hits
    least, most = max(0, hits - other.n), min(one.n, hits)
    seen = np.arange(least, most, dtype=np.float64)
    steps = np.log((one.n - seen) * (hits - seen)) - np.log((seen + 1) * (other.n - hits + seen + 1))
    logs = np.concatenate([[0.0], np.cumsum(steps)])
    likely = np.exp(logs - logs.max())
    likely /= likely.sum()
    return min(1.0, float(likely[likely <= likely[one.hits - least] * _EQUAL].sum()))


def _others(groups: Sequence[Counted], place: int) -> Counted:
    one = groups[place]
    return Counted(sum(each.hits for each in groups) - one.hits, sum(each.n for each in groups) - one.n)


def _compared(one: Counted, rest: Counted, p_value: float | None) -> Compared:
    low, high = modified_wilson(one.hits, one.n) if one.n else (None, None)
    return Compared(
        one,
        one.hits / one.n if one.n else None,
        low,
        high,
        rest.hits / rest.n if rest.n else None,
        p_value,
    )
