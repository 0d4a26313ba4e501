"""Kinds of damage that no method learns from: reserved for testing methods that learn from `fills`."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from detection.damage.fills import Fills, Kinds

# Side of the squares within which lines become thicker or thinner, px at 256 px.
_THICKER = 5


def warped(fill: Fills, photos: Tensor) -> Tensor:
    """The photo distorted by a smooth field: dents, bent and swollen parts."""
    count = len(photos)
    strength = fill.draw.uniform(count, 1, 1, 1, low=0.02, high=0.08)
    cells = [max(3, side // 48) for side in photos.shape[2:]]
    field = fill.draw.uniform(count, 2, cells[0], cells[1], low=-1.0)
    smooth = functional.interpolate(field, photos.shape[2:], mode="bicubic", align_corners=True)
    return _moved(photos, 2 * strength * smooth)


def rippled(fill: Fills, photos: Tensor) -> Tensor:
    """The photo distorted along waves: wrinkles, frayed edges."""
    count, _, height, width = photos.shape
    waves = fill.draw.uniform(count, 1, 1, low=12, high=40)
    strength = fill.draw.uniform(count, 1, 1, low=0.01, high=0.03)
    phase = fill.draw.uniform(count, 1, 1, high=2 * math.pi)
    y = torch.linspace(-1, 1, height, device=photos.device)[None, :, None]
    x = torch.linspace(-1, 1, width, device=photos.device)[None, None, :]
    field = torch.stack([(waves * y + phase + 0 * x).sin(), (waves * x + phase + 0 * y).sin()], dim=1)
    return _moved(photos, 2 * strength[:, None] * field)


def thicker(fill: Fills, photos: Tensor) -> Tensor:
    """Light areas grow: burrs, smeared print, thin places."""
    side = _odd(_THICKER * max(photos.shape[2:]) / 256)
    return functional.max_pool2d(photos, side, stride=1, padding=side // 2)


def thinner(fill: Fills, photos: Tensor) -> Tensor:
    """Dark areas grow: cracks, dirt in the edges, thick lines."""
    return -thicker(fill, -photos)


def inverted(fill: Fills, photos: Tensor) -> Tensor:
    """Light and dark inverted about the photo's mean: wrong prints, reflections."""
    return (2 * photos.mean(dim=(2, 3), keepdim=True) - photos).clamp(0, 1)


def posterised(fill: Fills, photos: Tensor) -> Tensor:
    """A few levels of light: worn and melted surfaces."""
    return (photos * 4).round() / 4


def sharpened(fill: Fills, photos: Tensor) -> Tensor:
    """More contrast of small details: roughness, dried or corroded surfaces."""
    calm = functional.avg_pool2d(photos, 7, stride=1, padding=3, count_include_pad=False)
    return (photos + 2.5 * (photos - calm)).clamp(0, 1)


def turned(fill: Fills, photos: Tensor) -> Tensor:
    """The photo upside down: parts inserted the wrong way round."""
    return photos.flip((2, 3))


def doubled(fill: Fills, photos: Tensor) -> Tensor:
    """The photo blended with its mirror image: ghost prints, reflections."""
    return (photos + photos.flip(3)) / 2


def discoloured(fill: Fills, photos: Tensor) -> Tensor:
    """Colour channels exchanged; grey photos do not change, and nothing is marked on them."""
    return photos.roll(1, dims=1)


def darker(fill: Fills, photos: Tensor) -> Tensor:
    """Less light: cracks and pits in a surface."""
    return photos * fill.draw.uniform(len(photos), 1, 1, 1, low=0.3, high=0.75)


def lighter(fill: Fills, photos: Tensor) -> Tensor:
    """More light: broken edges and bare metal along a crack."""
    return torch.lerp(
        photos, torch.ones_like(photos), fill.draw.uniform(len(photos), 1, 1, 1, low=0.2, high=0.6)
    )


KINDS: Kinds = (
    (warped, 0.16),
    (rippled, 0.10),
    (thicker, 0.12),
    (thinner, 0.12),
    (inverted, 0.12),
    (posterised, 0.06),
    (sharpened, 0.10),
    (turned, 0.10),
    (doubled, 0.06),
    (discoloured, 0.06),
)
# In shapes that are reserved, too: `masks.thin`.
THIN: Kinds = ((darker, 0.7), (lighter, 0.3))


def _moved(photos: Tensor, by: Tensor) -> Tensor:
    """Photos resampled at an offset of `by`, [N, 2, H, W] (y, x) in -1..1 over the photo."""
    height, width = photos.shape[2:]
    y = torch.linspace(-1, 1, height, device=photos.device)[:, None].expand(height, width)
    x = torch.linspace(-1, 1, width, device=photos.device)[None, :].expand(height, width)
    grid = torch.stack([x + by[:, 1], y + by[:, 0]], dim=-1)
    return functional.grid_sample(photos, grid, mode="bilinear", padding_mode="border", align_corners=True)


def _odd(side: float) -> int:
    return max(3, round(side) | 1)
