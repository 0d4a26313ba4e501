"""How well anomaly maps locate defects, against masks: pixel AUROC, AUPRO and F1.

Maps are counted one by one and not kept, so memory does not grow with the number of images: for each kind of
defect, a histogram of normal pixels, of defective ones and of their regions, 4 MB together. Bins are so fine
(1,024 for each doubling of a value's distance from the usual value) that the areas under the curves differ
from the exact ones by less than 1e-4. Every point of a curve is exact; the area between two neighbouring
points is that under a straight line, so the error is at most half the chance that a normal and a defective
pixel share a bin.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from detection.results import PixelResult
from detection.types import GOOD

# AUPRO is computed up to this false positive rate: beyond it a segmentation is useless.
FPR_LIMIT = 0.3
# A bin is the top bits of a float32: its exponent, and 10 bits of its mantissa. Distances from 2^-30 to 2^50
# spreads are distinguished, on both sides of the usual value.
_MANTISSA = 10
_LOWEST = (127 - 30) << _MANTISSA
_SIDE = (30 + 50) << _MANTISSA
_BINS = 2 * _SIDE + 1
# Regions are connected diagonally, too, as in the evaluation published with MVTec AD.
_NEIGHBOURS = np.ones((3, 3), dtype=np.int8)

Counts = NDArray[np.float64]


def _empty() -> Counts:
    return np.zeros(_BINS)


@dataclass(slots=True)
class Histogram:
    """Pixels by the bin of their map value. regions: the pixels of each region have a total weight of 1."""

    normal: Counts = field(default_factory=_empty)
    defect: Counts = field(default_factory=_empty)
    regions: Counts = field(default_factory=_empty)
    n_masks: int = 0

    def __add__(self, other: Histogram) -> Histogram:
        return Histogram(
            self.normal + other.normal,
            self.defect + other.defect,
            self.regions + other.regions,
            self.n_masks + other.n_masks,
        )


class PixelTally:
    """Counts maps one by one, and gives the metrics of all of them and of each kind of defect."""

    def __init__(self) -> None:
        self._scale: tuple[float, float] | None = None
        self._kinds: defaultdict[str, Histogram] = defaultdict(Histogram)

    def add(self, anomaly_map: NDArray[np.float32], mask: NDArray[np.bool_] | None, kind: str) -> None:
        """A map [H, W] with its mask of the same shape; no mask for a good image, all of it normal.

        Leave out defective images without a mask: their pixels are unknown.
        """
        if self._scale is None:
            self._scale = _scale(anomaly_map)
        bins = _bins(anomaly_map, *self._scale)
        counts = self._kinds[kind]
        if mask is None or not mask.any():
            counts.normal += np.bincount(bins.ravel(), minlength=_BINS)
            return
        counts.normal += np.bincount(bins[~mask], minlength=_BINS)
        marked = bins[mask]
        counts.defect += np.bincount(marked, minlength=_BINS)
        regions = ndimage.label(mask, _NEIGHBOURS)[0][mask]
        weights = 1 / np.bincount(regions)[regions]
        counts.regions += np.bincount(marked, weights, minlength=_BINS)
        counts.n_masks += 1

    def overall(self) -> PixelResult | None:
        """None if there was no mask."""
        total = Histogram()
        for counts in self._kinds.values():
            total += counts
        return _metrics(total) if total.n_masks else None

    def of(self, kind: str) -> PixelResult:
        """The metrics of a kind of defect: its images and all good ones."""
        return _metrics(self._kinds[kind] + self._kinds[GOOD])


def _metrics(counts: Histogram) -> PixelResult:
    """auroc: of single pixels. aupro: see `_area`. f1: the best at any one threshold."""
    used = np.flatnonzero(counts.normal + counts.defect)[::-1]
    fp, tp, pro = (
        np.concatenate([[0], np.cumsum(column[used])])
        for column in (counts.normal, counts.defect, counts.regions)
    )
    if not fp[-1] or not tp[-1]:
        return PixelResult(n_masks=counts.n_masks)
    fpr = fp / fp[-1]
    return PixelResult(
        auroc=float(np.trapezoid(tp / tp[-1], fpr)),
        aupro=_area(fpr, pro / pro[-1]),
        f1=float((2 * tp / (tp + fp + tp[-1])).max()),
        n_masks=counts.n_masks,
    )


def _area(fpr: Counts, pro: Counts) -> float:
    """The area under the per-region overlap curve up to FPR_LIMIT, as a share of the largest possible.

    pro: the share of a region that is flagged, averaged over the regions, so small ones count as much as
    large ones. fpr: the share of normal pixels flagged, at the same thresholds. From Bergmann et al. 2021,
    "The MVTec Anomaly Detection Dataset", International Journal of Computer Vision 129.
    """
    inside = fpr <= FPR_LIMIT
    ends = np.append(fpr[inside], FPR_LIMIT)
    heights = np.append(pro[inside], np.interp(FPR_LIMIT, fpr, pro))
    return float(np.trapezoid(heights, ends) / FPR_LIMIT)


def _scale(values: NDArray[np.float32]) -> tuple[float, float]:
    """The usual value and the spread of values: bins are finest around the usual value."""
    finite = values[np.isfinite(values)].astype(np.float64)
    if not finite.size:
        return 0.0, 1.0
    low, middle, high = np.percentile(finite, (25, 50, 75))
    spread = next((s for s in (high - low, finite.std(), abs(middle)) if s > 0), 1.0)
    return float(middle), float(spread)


def _bins(values: NDArray[np.float32], middle: float, spread: float) -> NDArray[np.int32]:
    """The bin of each value, larger for larger values. NaN counts as the largest value."""
    with np.errstate(over="ignore", invalid="ignore"):
        distances = (np.asarray(values, dtype=np.float32) - np.float32(middle)) / np.float32(spread)
    bits = np.where(np.isnan(distances), np.float32(np.inf), distances).view(np.int32)
    steps = np.clip(((bits & 0x7FFFFFFF) >> (23 - _MANTISSA)) - _LOWEST, 0, _SIDE)
    return np.asarray(_SIDE + np.where(bits < 0, -steps, steps))
