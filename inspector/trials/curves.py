"""ROC and precision-recall curves of test scores, as points to draw; by NumPy alone, for the web process."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inspector.core.charts import Point

MOST = 150  # points of a curve; more would be closer together than a pixel
Counts = NDArray[np.int64]


def roc(good: Sequence[float], defective: Sequence[float]) -> list[Point]:
    """(share of good photos flagged, share of defective photos flagged), from the strictest threshold on.

    Equal scores are one step, drawn as a slope. Empty without photos of both kinds.
    """
    if not good or not defective:
        return []
    hits, alarms = _flagged(good, defective)
    return _thinned([(0.0, 0.0), *zip(alarms / len(good), hits / len(defective), strict=True)])


def precision_recall(good: Sequence[float], defective: Sequence[float]) -> list[Point]:
    """(recall, precision), from the strictest threshold on. Empty without photos of both kinds."""
    if not good or not defective:
        return []
    hits, alarms = _flagged(good, defective)
    precision = hits / (hits + alarms)
    return _thinned([(0.0, float(precision[0])), *zip(hits / len(defective), precision, strict=True)])


def _flagged(good: Sequence[float], defective: Sequence[float]) -> tuple[Counts, Counts]:
    """At each distinct score as a threshold, the largest first: flagged defective and good photos."""
    scores = np.array([*good, *defective])
    is_defect = np.arange(len(scores)) >= len(good)
    order = np.argsort(-scores, kind="stable")
    scores, is_defect = scores[order], is_defect[order]
    last = np.flatnonzero(np.append(np.diff(scores) != 0, True))
    hits, alarms = (np.cumsum(flagged, dtype=np.int64)[last] for flagged in (is_defect, ~is_defect))
    return hits, alarms


def _thinned(points: Sequence[Point]) -> list[Point]:
    """The corners alone, and of too many corners some."""
    kept = [
        point
        for place, point in enumerate(points)
        if place in (0, len(points) - 1) or not _on_line(points[place - 1], point, points[place + 1])
    ]
    step = -(-len(kept) // MOST)
    shown = kept[::step]
    return [(float(x), float(y)) for x, y in (shown if shown[-1] == kept[-1] else [*shown, kept[-1]])]


def _on_line(before: Point, point: Point, after: Point) -> bool:
    return before[0] == point[0] == after[0] or before[1] == point[1] == after[1]
