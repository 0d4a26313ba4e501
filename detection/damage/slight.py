"""Twenty slight harmless changes of a photo: shifts, turns, brightness, noise and JPEG.

What differs between two photos of one part taken a minute apart. They are smaller than the changes of
`harmless`, and always the same: a photo gives the same answer twice. They are made to the photo as a model
reads it, which is smaller than the camera's: noise is half as strong there, and colours are as fine as the
rest (4:4:4), as they are in a JPEG of twice the size with colours of half the resolution.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from detection.damage import graded

# Of each kind four: shares of a side, degrees, factors, grey levels as a share of white, qualities.
_SHIFTS = ((0.01, 0.01), (-0.01, -0.01), (0.01, -0.01), (-0.01, 0.01))
_TURNS = (2.0, -2.0, 1.0, -1.0)
_LIGHT = (0.97, 1.03, 0.985, 1.015)
_GRAIN = 1 / 255
_QUALITIES = (85, 90, 93, 96)
# (photo [1, 3, H, W] in 0..1) -> changed photo.
Change = Callable[[Tensor], Tensor]


def _shift(photo: Tensor, right: float, down: float) -> Tensor:
    return graded.moved(photo, right=right * photo.shape[3], down=down * photo.shape[2])


def _turn(photo: Tensor, degrees: float) -> Tensor:
    return graded.moved(photo, degrees=degrees)


def _light(photo: Tensor, factor: float) -> Tensor:
    return photo * factor


def _noise(photo: Tensor, seed: int) -> Tensor:
    return photo + _GRAIN * torch.randn(photo.shape[1:], generator=torch.Generator().manual_seed(seed))


def _jpeg(photo: Tensor, quality: int) -> Tensor:
    file = io.BytesIO()
    Image.fromarray(_bytes(photo)[0].permute(1, 2, 0).numpy()).save(
        file, "JPEG", quality=quality, subsampling="4:4:4"
    )
    return torch.from_numpy(np.array(Image.open(file))).permute(2, 0, 1)[None] / 255


def _bytes(photo: Tensor) -> Tensor:
    return (photo.clamp(0, 1) * 255).round().byte()


def _all() -> tuple[Change, ...]:
    """One of each kind after the other, the strongest first, so that the first five say the most."""
    each = zip(_TURNS, _SHIFTS, _LIGHT, range(len(_LIGHT)), _QUALITIES, strict=True)
    return tuple(
        change
        for degrees, (right, down), factor, seed, quality in each
        for change in (
            partial(_turn, degrees=degrees),
            partial(_shift, right=right, down=down),
            partial(_light, factor=factor),
            partial(_noise, seed=seed),
            partial(_jpeg, quality=quality),
        )
    )


CHANGES = _all()
# How many of the first changes are of different kinds.
KINDS = 5


def changed(pixels: Tensor, changes: tuple[Change, ...] = CHANGES) -> Tensor:
    """A photo as a model reads it, uint8 [3, H, W], after each change: uint8 [changes, 3, H, W].

    What comes in from outside at a shift or turn mirrors the border.
    """
    photo = pixels[None].float() / 255
    return torch.cat([_bytes(change(photo)) for change in changes])
