"""Whether good-looking parts score differently than they used to, in which categories, since when, and by how
much.

The same serves for brightness, sharpness and size of photos. A difference that is certain may still be too
small to matter, and with many photos most are: only one of LEAST_PERCENT or more of the median is reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inspector.monitoring.statistics.discovery import adjusted
from inspector.monitoring.statistics.ranks import Shift, change_point, compare, percent_above

LEAST_PERCENT = 5.0
FALSE_DISCOVERIES = 0.05
# Of a change point: it only says since when, after the comparison has said that there is drift.
DATED = 0.05


class Finding(StrEnum):
    STEADY = "steady"
    HIGHER = "higher"
    HIGHER_SINCE = "higher_since"
    LOWER = "lower"
    LOWER_SINCE = "lower_since"
    TOO_FEW = "too_few"


@dataclass(frozen=True)
class Series:
    """Values in the order of their times, and those that they are compared with."""

    times: Sequence[datetime]
    values: ArrayLike
    reference: ArrayLike


@dataclass(frozen=True)
class Drift:
    """The result for a series. `percent` is that of the values since the change, or of all where no change
    can be dated. `p_value` is adjusted for the number of series that were looked at."""

    finding: Finding
    percent: float | None
    since: datetime | None
    p_value: float | None
    shift: Shift | None

    def code_and_values(self) -> tuple[str, dict[str, object]]:
        """A code and the values for one sentence: ("higher_since", {"percent": 18, "since": ...}) is "Since
        Tuesday 14:00 good-looking parts score 18 % higher"."""
        values: dict[str, object] = {}
        if self.percent is not None and self.finding not in (Finding.STEADY, Finding.TOO_FEW):
            values["percent"] = round(abs(self.percent))
        if self.since is not None:
            values["since"] = self.since
        return self.finding.value, values


def drift(series: Mapping[str, Series], least_percent: float = LEAST_PERCENT) -> dict[str, Drift]:
    """Of many categories at once; of those that are reported to drift, 5 % do not on average."""
    shifts = {name: compare(one.values, one.reference) for name, one in series.items()}
    tested = {name: shift for name, shift in shifts.items() if shift is not None}
    p_values = dict(zip(tested, adjusted([shift.p_value for shift in tested.values()]), strict=True))
    return {
        name: _judge(one, tested[name], p_values[name], least_percent)
        if name in tested
        else Drift(Finding.TOO_FEW, None, None, None, None)
        for name, one in series.items()
    }


def _judge(one: Series, shift: Shift, p_value: float, least_percent: float) -> Drift:
    since, percent = _dated(one, shift)
    if p_value > FALSE_DISCOVERIES or percent is None or abs(percent) < least_percent:
        return Drift(Finding.STEADY, shift.percent, None, p_value, shift)
    finding = {
        (True, False): Finding.HIGHER,
        (True, True): Finding.HIGHER_SINCE,
        (False, False): Finding.LOWER,
        (False, True): Finding.LOWER_SINCE,
    }[percent > 0, since is not None]
    return Drift(finding, percent, since, p_value, shift)


def _dated(one: Series, shift: Shift) -> tuple[datetime | None, float | None]:
    """Since when, and by how many percent since then; None and that of all values where there is no clear
    step in the direction of the shift."""
    values: NDArray[np.float64] = np.asarray(one.values, dtype=np.float64)
    change = change_point(values)
    if change is None or change.p_value > DATED or change.z * shift.z <= 0:
        return None, shift.percent
    return one.times[change.at], percent_above(change.after, shift.reference_median)
