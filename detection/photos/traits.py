"""How photos were taken, as far as a model notices, and how they differ from the training photos."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detection.errors import BadDataset, UnreadableImage
from detection.photos import images

# A pixel has colour if its channels differ by more than this; rounding and JPEG cause less.
_COLOUR = 6
# Shares of pixels with colour: up to the first a photo is grey; from the second on, training photos are not
# grey; from the third on, it is a colour photo. In between, it may be a stain on a grey part.
_GREY, _SOME, _MOST = 0.01, 0.05, 0.5
# Grey levels: a photo in which no channel varies by more shows nothing.
_FLAT = 2
# Of the lightest pixel, up to which a photo is nearly black: an eighth of white.
_DARK = 32
_ASPECT, _SIDE = 0.03, 1.25
_LOSSY = frozenset({"JPEG", "WebP", "AVIF", "HEIC"})


@dataclass(frozen=True, slots=True)
class Traits:
    """coloured: share of the pixels with colour. flat: all of one colour. picture: hash of the pixels as a
    model sees them. format, width, height: as in `images.probe`; "" and 0 where the file is unknown. thumb:
    for `likeness`; None where nobody asks for it. dark: nearly black, but not flat."""

    coloured: float
    flat: bool
    picture: str = ""
    format: str = ""
    width: int = 0
    height: int = 0
    thumb: NDArray[np.uint8] | None = field(default=None, compare=False, repr=False)
    dark: bool = False

    @property
    def aspect(self) -> float:
        return self.width / self.height if self.height else 0.0

    @property
    def side(self) -> float:
        """Side of a square of the photo's area, px."""
        return float((self.width * self.height) ** 0.5)


@dataclass(frozen=True, slots=True)
class Difference:
    """How a photo differs from the training photos: what they are, and what it is."""

    train: str
    this: str

    def __str__(self) -> str:
        return f"the training photos are {self.train}, this one is {self.this}"


def of(pixels: NDArray[np.uint8], path: Path | None = None) -> Traits:
    """The traits of a photo [3, H, W]. path: the file that it was read from."""
    values = pixels.astype(np.int16)
    coloured = float((values.max(axis=0) - values.min(axis=0) > _COLOUR).mean())
    flat = bool((values.max(axis=(1, 2)) - values.min(axis=(1, 2)) <= _FLAT).all())
    dark = not flat and int(values.max()) <= _DARK
    picture = hashlib.sha256(pixels.tobytes()).hexdigest()[:16]
    try:
        info = images.probe(path) if path else None
    except (UnreadableImage, OSError):  # it was decoded, so its header does not matter here
        info = None
    if info is None:
        return Traits(coloured, flat, picture, dark=dark)
    return Traits(coloured, flat, picture, info.format, info.width, info.height, dark=dark)


def check(train: Sequence[Traits], files: int) -> list[str]:
    """Warnings about training photos. Raises BadDataset if none of them shows anything.

    files: how many there are, duplicates included, which are not in `train`.
    """
    flat = sum(one.flat for one in train)
    if train and flat == len(train):
        subject = f"All {files} training photos show" if files > 1 else "The only training photo shows"
        raise BadDataset(
            f"{subject} one flat colour and no part: there is nothing to learn from. Check the camera, the "
            "lighting and the lens cap, then retake the photos."
        )
    warnings = []
    if flat:
        warnings.append(f"{flat} of the training photos show one flat colour and no part: remove them.")
    if dark := sum(one.dark for one in train):
        warnings.append(
            f"{dark} of {len(train)} training photos are nearly black: no pixel is lighter than an eighth of "
            "white. Check the light and the exposure, and that all photos have the same bit depth."
        )
    if files > 1 and len({one.picture for one in train}) == 1:
        warnings.append(
            f"All {files} training photos are the same picture. They do not show how good parts vary, so "
            "expect false alarms: add photos of other good parts."
        )
    return warnings


def usual(train: Sequence[Traits]) -> dict[str, Any]:
    """The usual traits of the training photos, for config.json and `differences`; {} without photos."""
    if not train:
        return {}
    known = [one for one in train if one.width]
    return {
        "coloured": _range(one.coloured for one in train),
        "formats": dict(Counter(one.format for one in known).most_common()),
        "aspect": _range(one.aspect for one in known),
        "side": _range(one.side for one in known),
        "size": list(Counter((one.width, one.height) for one in known).most_common(1)[0][0]) if known else [],
    }


def differences(photo: Traits, train: dict[str, Any], *, sizes: bool = True) -> list[Difference]:
    """How this photo differs from the training photos (see `usual`); each difference may raise its score.

    sizes: whether to report another size or shape, too.
    """
    if not train:
        return []
    differing = []
    low, high = train["coloured"]
    if photo.coloured <= _GREY and low >= _SOME:
        differing.append(Difference("colour", "grey"))
    if photo.coloured >= _MOST and high <= _GREY:
        differing.append(Difference("grey", "colour"))
    if not photo.width or not train["size"]:
        return differing
    if all((name in _LOSSY) != (photo.format in _LOSSY) for name in train["formats"]):
        differing.append(Difference(" or ".join(train["formats"]), photo.format))
    if sizes and (
        _outside(photo.aspect, train["aspect"], 1 + _ASPECT) or _outside(photo.side, train["side"], _SIDE)
    ):
        width, height = train["size"]
        differing.append(Difference(f"{width} x {height} px", f"{photo.width} x {photo.height} px"))
    return differing


def of_test(test: Sequence[Traits], train: dict[str, Any]) -> list[str]:
    """Warnings about test photos that were taken differently from the training photos."""
    differing = (difference for photo in test for difference in differences(photo, train))
    return [
        f"{count} of {len(test)} test photos were taken differently from the training photos, which alone "
        f"may raise their scores: {example}."
        for example, count in counted(differing).items()
    ]


def counted(differing: Iterable[Difference]) -> dict[Difference, int]:
    """The number of `differences` of each kind, with the first one as an example: there may be as many
    sizes as photos."""
    kinds: dict[str, tuple[Difference, int]] = {}
    for difference in differing:
        first, count = kinds.get(difference.train, (difference, 0))
        kinds[difference.train] = (first, count + 1)
    return dict(kinds.values())


def _range(values: Iterable[float]) -> list[float]:
    known = [round(value, 4) for value in values]
    return [min(known), max(known)] if known else []


def _outside(value: float, span: Sequence[float], times: float) -> bool:
    """If the training photos themselves differ by more, nothing is unusual."""
    low, high = span
    return high <= low * times and not low / times <= value <= high * times
