"""One photo: read once, decoded once, measured, and released."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detection.errors import UnreadableImage
from detection.explore.types import Mask, MeasuredPhoto, Unread
from detection.photos import images, traits
from detection.photos.images import PLAIN, Levels
from detection.photos.likeness import THUMB
from detection.photos.masks import USUAL, Convention, full
from detection.photos.measures import sharpness
from detection.types import MaskFiles

BINS = 64
_PICTURE = 160  # px, the long side
_BLACK, _WHITE = 2, 253


@dataclass(frozen=True, slots=True)
class Item:
    """A file to examine, and its name."""

    name: str
    split: str
    label: str
    path: Path
    mask: MaskFiles | None = None
    convention: Convention = USUAL


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What is kept of a photo, about 9 KB: thumb uint8 [64, 64], histogram of BINS shares, a small JPEG."""

    photo: MeasuredPhoto
    thumb: NDArray[np.uint8]
    histogram: NDArray[np.float64]
    picture: bytes


def look(item: Item, levels: Levels = PLAIN) -> Look | Unread:
    """Measure a photo as a model with these levels reads it. A file that cannot be read is a result, not
    an exception."""
    try:
        return _look(item, levels)
    except UnreadableImage as error:
        return Unread(item.name, error.code, str(error))
    except OSError as error:
        return Unread(item.name, "file", f"The file could not be opened: {error.strerror or error}.")


def _look(item: Item, levels: Levels) -> Look:
    info = images.probe(item.path)
    content = item.path.read_bytes()
    image = images.decode(content, levels=levels)
    grey = image.convert("L")
    shares = np.asarray(grey.histogram(), dtype=np.float64) / (grey.width * grey.height)
    values = np.arange(256)
    mean = float(shares @ values)
    mask, defect = _mask(item, image.size)
    photo = MeasuredPhoto(
        name=item.name,
        split=item.split,
        label=item.label,
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        format=info.format,
        mode=info.mode,
        width=image.width,
        height=image.height,
        brightness=round(mean, 3),
        contrast=round(float(np.sqrt(shares @ (values - mean) ** 2)), 3),
        dark=round(float(shares[: _BLACK + 1].sum()), 6),
        light=round(float(shares[_WHITE:].sum()), 6),
        sharpness=round(sharpness(grey), 4),
        mask=mask,
        defect=defect,
        coloured=round(_coloured(image), 4),
    )
    thumb = np.asarray(grey.resize((THUMB, THUMB), Image.Resampling.BOX))
    return Look(photo, thumb, shares.reshape(BINS, -1).sum(axis=1), _picture(image))


def _mask(item: Item, size: tuple[int, int]) -> tuple[Mask, float | None]:
    """The state of the mask, and the share of the photo that it marks."""
    if item.mask is None:
        return "none", None
    try:
        marked = full(item.mask, item.convention)
    except (UnreadableImage, OSError):
        return "unreadable", None
    if marked.shape != size[::-1]:
        return "size", None
    return ("sound", round(float(marked.mean()), 6)) if marked.any() else ("empty", None)


def _coloured(image: Image.Image) -> float:
    small = image.resize((THUMB, THUMB), Image.Resampling.BOX)
    return traits.of(np.asarray(small).transpose(2, 0, 1)).coloured


def _picture(image: Image.Image) -> bytes:
    """Shrinks the photo in place: it is not needed any more."""
    image.thumbnail((_PICTURE, _PICTURE), Image.Resampling.BOX, reducing_gap=1.0)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=75)
    return out.getvalue()
