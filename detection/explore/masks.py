"""What is wrong with the masks of defects, and how small the defects are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from detection.explore.types import Case, Finding, MeasuredPhoto, Severity
from detection.explore.words import many, percent
from detection.photos.masks import Convention

_LEARNED_AT, _SEEN = 256, 4.0  # px: the usual training size, and the smallest defect visible at it
_LARGE = 0.5  # of the photo
_WRONG: dict[str, tuple[Severity, str, tuple[str, str], str]] = {
    "unreadable": (
        "warning",
        "Unreadable masks",
        ("mask cannot be read", "masks cannot be read"),
        "Export them again as PNG; until then, these photos count as having none.",
    ),
    "size": (
        "warning",
        "Masks that differ in size from their photos",
        ("mask differs in size from its photo", "masks differ in size from their photos"),
        "Draw or export each at the size of its photo; otherwise it may mark the wrong place.",
    ),
    "empty": (
        "warning",
        "Empty masks",
        (
            "mask marks nothing though its photo has a defect",
            "masks mark nothing though their photos have defects",
        ),
        "Draw the defect, delete the mask if the place is unknown, or move the photo to the good ones.",
    ),
}


def findings(photos: Sequence[MeasuredPhoto], *, lost: bool = False) -> Iterator[Finding]:
    """Good photos need no mask. lost: there are masks without a photo, which are already reported."""
    defective = [photo for photo in photos if not photo.is_good]
    masked = [photo for photo in defective if photo.mask != "none"]
    if masked or not lost:
        yield from _missing(defective, masked)
    for state, (severity, title, what, remedy) in _WRONG.items():
        wrong = [photo for photo in masked if photo.mask == state]
        if wrong:
            cases = tuple(Case((photo.name,)) for photo in wrong)
            yield Finding(severity, f"mask_{state}", title, f"{many(len(wrong), *what)}. {remedy}", cases)
    yield from _large([photo for photo in masked if (photo.defect or 0) > _LARGE])
    yield from _small([photo for photo in masked if photo.defect])


def conventions(how: Convention) -> Iterator[Finding]:
    """That masks are not white on black, and how they are read."""
    if how.notes:
        yield Finding(
            "note",
            "mask_convention",
            "Masks with another convention",
            f"{' '.join(how.notes)} Check that this is right.",
        )


def _large(marked: Sequence[MeasuredPhoto]) -> Iterator[Finding]:
    if marked:
        yield Finding(
            "warning",
            "mask_large",
            "Masks that cover most of a photo",
            f"{many(len(marked), 'mask marks', 'masks mark')} more than half of a photo. Check that this is "
            "the defect: a mask that marks what is good must be inverted.",
            tuple(Case((photo.name,), f"{percent(photo.defect or 0)} of the photo") for photo in marked),
        )


def _missing(defective: Sequence[MeasuredPhoto], masked: Sequence[MeasuredPhoto]) -> Iterator[Finding]:
    if not defective or len(masked) == len(defective):
        return
    without = [photo for photo in defective if photo.mask == "none"]
    if not masked:
        text = (
            "No defective photo has a mask, so it cannot be measured whether defects are found in the right "
            "place. Image metrics need no masks."
        )
        yield Finding("note", "no_masks", "No masks", text)
        return
    yield Finding(
        "note",
        "mask_missing",
        "Missing masks",
        f"{many(len(without), 'defective photo has', 'defective photos have')} no mask while others do: "
        "pixel metrics exclude them. Draw the missing ones, or check their names (<photo>_mask.png).",
        tuple(Case((photo.name,)) for photo in without),
    )


def _small(marked: Sequence[MeasuredPhoto]) -> Iterator[Finding]:
    """By the side of a square of the defect's area, at the usual training size."""
    sides = {photo.name: _side(photo) for photo in marked}
    small = sorted((photo for photo in marked if sides[photo.name] < _SEEN), key=lambda p: sides[p.name])
    if small:
        yield Finding(
            "note",
            "small_defects",
            "Very small defects",
            f"{many(len(small), 'defect is', 'defects are')} smaller than {_SEEN:.0f} px across when photos "
            f"are resized to {_LEARNED_AT} px, and easily missed. Train at a larger size, or move the "
            "camera closer.",
            tuple(
                Case((photo.name,), f"{percent(photo.defect or 0)} of the photo, {sides[photo.name]:.1f} px")
                for photo in small
            ),
        )


def _side(photo: MeasuredPhoto) -> float:
    pixels = (photo.defect or 0) * photo.width * photo.height
    return math.sqrt(pixels) * _LEARNED_AT / max(photo.width, photo.height)
