"""Photos whose size, aspect ratio or colour mode differs from the rest of their category."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TypeVar

import numpy as np

from detection.explore.types import Case, Finding, MeasuredPhoto
from detection.explore.words import many

_USUAL = 0.8  # share of the photos with the usual size or mode
_ASPECT = 0.03

Kind = TypeVar("Kind", bound=Hashable)


def findings(photos: Sequence[MeasuredPhoto]) -> Iterator[Finding]:
    if not photos:
        return
    aspect = float(np.median([photo.width / photo.height for photo in photos]))
    odd = [photo for photo in photos if abs(photo.width / photo.height / aspect - 1) > _ASPECT]
    if odd and len(photos) - len(odd) >= _USUAL * len(photos):
        yield _odd_aspect(odd, aspect)
        named = {photo.name for photo in odd}
        yield from _sizes([photo for photo in photos if photo.name not in named])
    else:
        yield from _sizes(photos)
    yield from _modes(photos)


def _odd_aspect(odd: Sequence[MeasuredPhoto], aspect: float) -> Finding:
    """Worse than another size: the parts are squeezed, or shown from elsewhere."""
    return Finding(
        "warning",
        "odd_aspect",
        "Photos with another aspect ratio",
        f"{many(len(odd), 'photo has', 'photos have')} a different aspect ratio from the rest (about "
        f"{aspect:.2f}): cropped, rotated, or from another camera. Take or crop them like the others.",
        tuple(Case((photo.name,), _size(photo)) for photo in odd),
    )


def _sizes(photos: Sequence[MeasuredPhoto]) -> Iterator[Finding]:
    usual, odd = _minority(photos, lambda photo: (photo.width, photo.height))
    if usual is None:
        yield _many_sizes(photos)
    elif odd:
        yield Finding(
            "note",
            "odd_size",
            "Photos of another size",
            f"{many(len(odd), 'photo differs', 'photos differ')} from the usual size, {usual[0]} x "
            f"{usual[1]} px. Resizing changes sharpness, which alone can raise the score: export all photos "
            "in the same way.",
            tuple(Case((photo.name,), _size(photo)) for photo in odd),
        )


def _many_sizes(photos: Sequence[MeasuredPhoto]) -> Finding:
    sizes = sorted({(photo.width, photo.height) for photo in photos}, key=lambda size: size[0] * size[1])
    (w0, h0), (w1, h1) = sizes[0], sizes[-1]
    return Finding(
        "note",
        "many_sizes",
        "Photos of many sizes",
        f"The photos have {len(sizes)} sizes, from {w0} x {h0} to {w1} x {h1} px. All are resized for "
        "training; if their shapes differ, choose a method that keeps the aspect ratio.",
    )


def _modes(photos: Sequence[MeasuredPhoto]) -> Iterator[Finding]:
    usual, odd = _minority(photos, lambda photo: photo.mode)
    if odd:
        yield Finding(
            "warning",
            "odd_mode",
            "Photos stored differently",
            f"{many(len(odd), 'photo is', 'photos are')} not stored as {usual} like the rest, but as "
            f"{', '.join(sorted({photo.mode for photo in odd}))}. Export them like the others: a difference "
            "in the file, such as grey among colour, counts as a difference in the part.",
            tuple(Case((photo.name,), photo.mode) for photo in odd),
        )
    elif usual is None:
        modes = Counter(photo.mode for photo in photos).most_common()
        yield Finding(
            "warning",
            "odd_mode",
            "Photos stored in several ways",
            f"The photos are stored in several ways ({', '.join(f'{n} {mode}' for mode, n in modes)}). "
            "Export all of them in the same way.",
        )


def _minority(
    photos: Sequence[MeasuredPhoto], kind: Callable[[MeasuredPhoto], Kind]
) -> tuple[Kind | None, list[MeasuredPhoto]]:
    """The most common kind (None if none is usual), and the photos of other kinds."""
    most, count = Counter(map(kind, photos)).most_common(1)[0]
    if count < _USUAL * len(photos):
        return None, []
    return most, [photo for photo in photos if kind(photo) != most]


def _size(photo: MeasuredPhoto) -> str:
    return f"{photo.width} x {photo.height} px"
