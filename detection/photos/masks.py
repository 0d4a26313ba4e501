"""Masks: where a person marked a defect.

Masks are written in many ways: 0 and 255, 0 and 1, numbers of classes, colours, one file or several, white on
black or black on white, or in the alpha channel of an overlay. A single mask does not tell which of two
opposite ways is meant, because a defect may cover most of a photo; all masks of a category together do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detection.errors import UnreadableImage
from detection.photos import images
from detection.types import MaskFiles

# Masks that are read to find the convention, evenly spread over all.
_ASKED = 60
# Read the other way round, defects would have to cover less than a quarter of the typical photo; if only one
# or two masks say so, less than a tenth.
_MOSTLY, _NEARLY, _FEW = 0.75, 0.9, 3
_CLASSES = 8  # up to this many distinct values are numbers of classes or flat colours, not shades of an edge
# Whole numbers below this are not shades; where they follow one another, they count defects or classes.
_NUMBERS = 64
_STRETCHED = 0.03  # of a side: a mask may differ from its photo's proportions by rounding
_SHADE, _CLASS = 0.5, 0.1  # of the largest value: above this share a pixel is marked


@dataclass(frozen=True, slots=True)
class Convention:
    """How the masks of a category are to be read. dark: what is darker is marked. transparent: in masks
    with an alpha channel, what is more transparent is marked. alpha: whether any mask uses its alpha
    channel."""

    dark: bool = False
    transparent: bool = False
    alpha: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """In sentences, how the masks differ from white on black."""
        notes = []
        if self.dark:
            notes.append("The masks are white where the part is good, so black is read as defect.")
        if self.alpha:
            what = "transparent" if self.transparent else "opaque"
            notes.append(f"The masks use their alpha channel: what is {what} is read as defect.")
        return tuple(notes)


USUAL = Convention()


def convention(masks: Iterable[MaskFiles | None]) -> Convention:
    """How most of these masks of one category are meant; unreadable ones do not count.

    A mask is evidence for the opposite way if most of it and of its border is marked; a mask of a single
    value is no evidence. So a few large defects change nothing.
    """
    paths = [path for files in masks if files is not None for path in several(files)]
    step = max(1, -(-len(paths) // _ASKED))
    grey: list[tuple[float, float]] = []
    alpha: list[tuple[float, float]] = []
    for path in paths[::step]:
        try:
            levels, in_alpha = _levels(path)
        except (UnreadableImage, OSError):
            continue
        if levels.min() < levels.max():
            (alpha if in_alpha else grey).append(_share(levels > (levels.min() + levels.max()) / 2))
    return Convention(_opposite(grey), _opposite(alpha), bool(alpha))


def drawn(path: Path) -> bool:
    """Whether a file can only be a mask: a photo has more than a few values."""
    try:
        return _distinct(_levels(path)[0]) <= _CLASSES
    except (UnreadableImage, OSError):
        return False


def several(mask: MaskFiles) -> tuple[Path, ...]:
    """The files of a mask."""
    return mask if isinstance(mask, tuple) else (mask,)


def full(mask: MaskFiles, how: Convention = USUAL) -> NDArray[np.bool_]:
    """The mask as bool [H, W] at its own size: True on the defect. Raises UnreadableImage, OSError.

    Several files are combined at the size of the first.
    """
    first, *more = (_marked(*_levels(path), how) for path in several(mask))
    for one in more:
        first |= one if one.shape == first.shape else _resized(one, first.shape) >= 0.5
    return first


def fits(shape: Sequence[int], photo: Path) -> bool:
    """Whether a mask [H, W] has the proportions of its photo, upright; at any size.

    Otherwise it would be stretched and mark the wrong place: it was drawn on another crop, or on the stored
    pixels of a photo that its EXIF data turns.
    """
    try:
        info = images.probe(photo)
    except (UnreadableImage, OSError):  # whoever reads the photo says so
        return True
    height = shape[1] * info.height / info.width
    return abs(height - shape[0]) <= max(1.0, _STRETCHED * height)


def read(mask: MaskFiles, shape: Sequence[int], how: Convention = USUAL) -> NDArray[np.bool_]:
    """`full`, resized to this shape [H, W]: see `at`. Raises UnreadableImage, OSError."""
    return at(full(mask, how), shape)


def at(marked: NDArray[np.bool_], shape: Sequence[int]) -> NDArray[np.bool_]:
    """A mask at this shape [H, W]: True on the defect, False everywhere in an empty mask.

    A pixel of the smaller mask is True where at least half of its area is marked; if no pixel is, those with
    the largest share are, so that no marked defect vanishes.
    """
    shares = _resized(marked, shape)
    return np.asarray((shares > 0) & (shares >= min(0.5, float(shares.max()))))


def _resized(marked: NDArray[np.bool_], shape: Sequence[int]) -> NDArray[np.float32]:
    """The share of each pixel that is marked."""
    image = Image.fromarray(marked.astype(np.float32))
    return np.asarray(image.resize((shape[1], shape[0]), Image.Resampling.BOX))


def _levels(path: Path) -> tuple[NDArray[np.float32], bool]:
    """The mask as one value per pixel, and whether that is its alpha channel."""
    image = images.stored(path)
    if image.has_transparency_data:
        rgba = np.asarray(image.convert("RGBA"))
        colours, alpha = _one(rgba[..., :3]), rgba[..., 3].astype(np.float32)
        if alpha.min() == alpha.max():
            return colours, False
        opaque = alpha > alpha.max() / 2
        if not _tells(colours[opaque]):
            return alpha, True
        # A drawing on a cut-out part: nothing is marked around the part.
        return np.where(opaque, colours, np.float32(np.median(colours[opaque]))), False
    if image.mode.startswith("I") or image.mode == "F":
        return np.nan_to_num(np.asarray(image, dtype=np.float32)), False
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"), dtype=np.float32), False
    return _one(np.asarray(image.convert("RGB"))), False


def _one(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The channel of each pixel that differs most from the background, whatever the colour: the darkest on
    white."""
    darkest, lightest = rgb.min(axis=-1), rgb.max(axis=-1)
    white = float((darkest > 0.9 * max(1.0, float(lightest.max()))).mean())
    chosen: NDArray[np.float32] = (darkest if white > 0.5 else lightest).astype(np.float32)
    if chosen.min() < chosen.max():
        return chosen
    # Equally light colours, such as red on green: the border's is the background.
    border = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    colours, counts = np.unique(border, axis=0, return_counts=True)
    other = (rgb != colours[counts.argmax()]).any(axis=-1)
    return np.where(other, np.float32(255), np.float32(0)) if other.any() else chosen


def _tells(opaque: NDArray[np.float32]) -> bool:
    """Whether the visible pixels are a mask themselves: both black and white, and little else."""
    top = max(1.0, float(opaque.max()))
    dark, light = float((opaque < 0.1 * top).mean()), float((opaque > 0.9 * top).mean())
    return min(dark, light) > 0 and dark + light > 0.95


def _marked(levels: NDArray[np.float32], in_alpha: bool, how: Convention) -> NDArray[np.bool_]:
    opposite = how.transparent if in_alpha else how.dark
    top = float(levels.max())
    if opposite:
        if top == 0:
            return np.ones(levels.shape, dtype=np.bool_)
        levels = top - levels
    return _above_ground(levels)


def _above_ground(levels: NDArray[np.float32]) -> NDArray[np.bool_]:
    """What is lighter than the darkest value, the background, which may be grey or a class of its own."""
    ground, top = float(levels.min()), float(levels.max())
    if ground == top:
        return np.asarray(levels > 0)
    distinct = _distinct(levels)
    if (
        top < _NUMBERS
        and (levels == np.floor(levels)).all()
        and distinct in (*range(_CLASSES + 1), top - ground + 1)
    ):
        return np.asarray(levels > ground)
    # The smallest numbers of classes are far below half of the largest.
    share = _CLASS if distinct <= _CLASSES else _SHADE
    return np.asarray(levels - ground > share * (top - ground))


def _distinct(levels: NDArray[np.float32]) -> int:
    small = levels.min() >= 0 and levels.max() < 2**16
    if small and (levels == np.floor(levels)).all():  # about ten times faster
        return int(np.count_nonzero(np.bincount(levels.astype(np.uint16).ravel())))
    return len(np.unique(levels))


def _share(light: NDArray[np.bool_]) -> tuple[float, float]:
    """The share of the mask, and of its border, that is light."""
    border = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
    return float(light.mean()), float(border.mean())


def _opposite(shares: Sequence[tuple[float, float]]) -> bool:
    votes = sum(area > 0.5 and border > 0.5 for area, border in shares)
    if 2 * votes <= len(shares):
        return False
    return float(np.median([area for area, _ in shares])) > (_MOSTLY if len(shares) >= _FEW else _NEARLY)
