"""The statistics of a category's photos, and how far one photo is from the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detection.explore.types import TRAIN, MeasuredPhoto
from detection.types import GOOD

MEASURES = ("brightness", "contrast", "sharpness", "dark", "light")
_LISTED = 20


def counts(places: Iterable[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """{"train": {"good": n}, "test": {"good": n, "<kind>": n}} from (split, label) pairs; good ones first."""
    amounts = Counter(places)
    order = sorted(amounts, key=lambda place: (place[0] != TRAIN, place[1] != GOOD, place[1]))
    result: dict[str, dict[str, int]] = {TRAIN: {}, "test": {}}
    for split, label in order:
        result.setdefault(split, {})[label] = amounts[split, label]
    return result


def numbers(photos: Sequence[MeasuredPhoto]) -> dict[str, Any]:
    """{"groups", "sizes", "distinct_sizes", "aspects", "modes", "formats", "bytes", "defects"}.

    groups: {"train" | "good" | "<kind>": {"n", "brightness", ...}}, each measure as {"low", "median",
    "high"}; low and high are the 5th and 95th percentile. sizes: [[width, height, n], ...], the 20 most
    frequent. aspects: {"low", "median", "high"} of width / height. defects: {"<kind>": the same of the marked
    share of the photo}.
    """
    groups = by_group(photos)
    sizes = Counter((photo.width, photo.height) for photo in photos)
    marked = {kind: [p.defect for p in group if p.defect is not None] for kind, group in groups.items()}
    return {
        "groups": {
            name: {"n": len(group)}
            | {measure: spread([getattr(photo, measure) for photo in group]) for measure in MEASURES}
            for name, group in groups.items()
        },
        "sizes": [[width, height, n] for (width, height), n in sizes.most_common(_LISTED)],
        "distinct_sizes": len(sizes),
        "aspects": spread([photo.width / photo.height for photo in photos]),
        "modes": dict(Counter(photo.mode for photo in photos).most_common()),
        "formats": dict(Counter(photo.format for photo in photos).most_common()),
        "bytes": sum(photo.bytes for photo in photos),
        "defects": {kind: spread(shares) for kind, shares in marked.items() if shares},
    }


def by_group(photos: Iterable[MeasuredPhoto]) -> dict[str, list[MeasuredPhoto]]:
    """Training photos, good test photos, and each kind of defect by name; empty groups are left out."""
    groups: dict[str, list[MeasuredPhoto]] = {}
    for photo in photos:
        groups.setdefault(photo.group, []).append(photo)
    order = sorted(groups, key=lambda name: (name != TRAIN, name != GOOD, name))
    return {name: groups[name] for name in order}


def spread(values: Sequence[float]) -> dict[str, float] | None:
    """{"low", "median", "high"}: the 5th, 50th and 95th percentile; None without values."""
    if not values:
        return None
    low, median, high = np.percentile(values, (5, 50, 95))
    return {"low": round(float(low), 4), "median": round(float(median), 4), "high": round(float(high), 4)}


def histogram_kind(photo: MeasuredPhoto) -> str:
    """The group that its grey values are averaged in."""
    if photo.split == TRAIN:
        return TRAIN
    return GOOD if photo.is_good else "defective"


def robust_z(values: ArrayLike, usual: ArrayLike) -> NDArray[np.float64]:
    """Distance from the median of `usual` in standard deviations, estimated as 1.4826 times its MAD.

    Outliers among the usual values do not widen it (Iglewicz and Hoaglin 1993). With a MAD of 0, where more
    than half of the values are equal, every other value is infinitely far away.
    """
    reference = np.asarray(usual, dtype=np.float64)
    middle = np.median(reference)
    deviation = 1.4826 * np.median(np.abs(reference - middle))
    away = np.asarray(values, dtype=np.float64) - middle
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(away == 0, 0.0, away / deviation))


def separation(ones: Sequence[float], others: Sequence[float]) -> float:
    """The AUROC: the chance that one of `others` is larger than one of `ones`; a tie counts half."""
    below = np.sort(np.asarray(ones, dtype=np.float64))
    values = np.asarray(others, dtype=np.float64)
    rank = np.searchsorted(below, values, "left") + np.searchsorted(below, values, "right")
    return float(rank.mean() / (2 * len(below)))
