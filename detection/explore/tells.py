"""Differences between groups of photos other than the part: light, sharpness, size, kind of file.

Where good and defective photos were taken on different days or exported differently, a method may detect the
day and not the defect. Where good test photos differ from training photos, false alarms follow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from detection.explore.statistics import by_group, separation
from detection.explore.types import TRAIN, Case, Finding, MeasuredPhoto
from detection.explore.words import many
from detection.photos import traits
from detection.types import GOOD

_FEWEST = 8
_APART = 0.9  # AUROC of one number
# (measure, word if smaller, word if larger, least difference of the medians)
_LIGHT = (
    ("brightness", "darker", "lighter", 8.0),
    ("contrast", "lower in contrast", "higher in contrast", 8.0),
)
_SHARPER, _LESS = 1.3, "less sharp"  # times
_FILE: dict[str, Callable[[MeasuredPhoto], object]] = {
    "format": lambda photo: photo.format,
    "mode": lambda photo: photo.mode,
    "size": lambda photo: f"{photo.width} x {photo.height} px",
}
_MOST = 0.9


def findings(photos: Sequence[MeasuredPhoto]) -> Iterator[Finding]:
    groups = by_group(photos)
    train, good = groups.get(TRAIN, []), groups.get(GOOD, [])
    defective = [photo for photo in photos if not photo.is_good]
    differs = [*taken(train, good), *_files(train, good)]
    if differs:
        yield Finding(
            "warning",
            "test_differs",
            "Good test photos differ from training photos",
            f"Compared with training photos, good test photos are {_listed(differs)}, so false alarms are "
            "likely. Add photos taken like the test ones to training, or take both in the same way.",
        )
    yield from _unlike(train, [photo for photo in photos if photo.split != TRAIN])
    # A defect has edges and contrast of its own; it seldom reduces sharpness or changes the light everywhere.
    light = _light(good or train, defective, measures=_LIGHT[:1])
    less = [words for words in _sharp(good or train, defective) if words == _LESS]
    tells = [*light, *less, *_files(good or train, defective)]
    if tells:
        yield Finding(
            "warning",
            "tell",
            "Defective photos differ in more than the defect",
            f"Compared with good photos, defective ones are {_listed(tells)}, which alone tells them apart. "
            "Unless this is the defect itself, metrics measure how photos were taken: take both in the "
            "same way.",
        )


def taken(train: Sequence[MeasuredPhoto], good: Sequence[MeasuredPhoto]) -> list[str]:
    """How the light and focus of nearly all good test photos differ from those of training photos, such as
    "darker"."""
    return [*_light(train, good), *_sharp(train, good)]


def _unlike(train: Sequence[MeasuredPhoto], test: Sequence[MeasuredPhoto]) -> Iterator[Finding]:
    """Single photos: grey among colour, JPEG among PNG. Sizes and shapes are reported by `shapes`."""
    usual = traits.usual([_traits(photo) for photo in train])
    cases = [
        Case((photo.name,), str(difference))
        for photo in test
        for difference in traits.differences(_traits(photo), usual, sizes=False)
    ]
    if cases:
        yield Finding(
            "warning",
            "unlike_training",
            "Test photos taken differently",
            f"{many(len({case.files for case in cases}), 'test photo was', 'test photos were')} taken or "
            f"exported differently: {'; '.join(dict.fromkeys(case.says for case in cases))}. That alone may "
            "raise a score: take and export all photos in the same way.",
            tuple(cases),
        )


def _traits(photo: MeasuredPhoto) -> traits.Traits:
    return traits.Traits(
        photo.coloured,
        flat=False,
        format=photo.format,
        width=photo.width,
        height=photo.height,
    )


def _light(
    ones: Sequence[MeasuredPhoto],
    others: Sequence[MeasuredPhoto],
    measures: Sequence[tuple[str, str, str, float]] = _LIGHT,
) -> Iterator[str]:
    """A word for each measure by which nearly all of `others` differ from `ones`."""
    for measure, less, more, least in measures:
        values = [[float(getattr(photo, measure)) for photo in group] for group in (ones, others)]
        if _apart(*values) and abs(np.median(values[1]) - np.median(values[0])) >= least:
            yield more if np.median(values[1]) > np.median(values[0]) else less


def _sharp(ones: Sequence[MeasuredPhoto], others: Sequence[MeasuredPhoto]) -> Iterator[str]:
    values = [[max(photo.sharpness, 1e-6) for photo in group] for group in (ones, others)]
    if _apart(*values):
        ratio = float(np.median(values[1]) / np.median(values[0]))
        if max(ratio, 1 / ratio) >= _SHARPER:
            yield "sharper" if ratio > 1 else _LESS


def _apart(ones: Sequence[float], others: Sequence[float]) -> bool:
    if min(len(ones), len(others)) < _FEWEST:
        return False
    larger = separation(ones, others)
    return max(larger, 1 - larger) >= _APART


def _files(ones: Sequence[MeasuredPhoto], others: Sequence[MeasuredPhoto]) -> Iterator[str]:
    """Nearly all of one kind of file against nearly all of another."""
    if min(len(ones), len(others)) < _FEWEST:
        return
    for name, value in _FILE.items():
        (one, n), (other, m) = (Counter(map(value, group)).most_common(1)[0] for group in (ones, others))
        if one != other and n >= _MOST * len(ones) and m >= _MOST * len(others):
            yield f"of a different {name} ({other} instead of {one})"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
