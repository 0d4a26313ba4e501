"""Synthetic defects: what a defect could look like, for methods that have only seen good parts.

After CutPaste (Li et al., CVPR 2021), DRAEM (Zavrtanik et al., ICCV 2021) and NSA (Schlüter et al., ECCV
2022), for whole batches and from shapes made in advance: it takes a small part of the time of a training
step.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from detection.damage import fills, masks
from detection.damage.draw import Draw
from detection.damage.fills import Fills, Kinds

# The grain of good photos changes a pixel by 0.7 to 1.5 grey levels in flat places (medians of four real
# categories; 4 on biscuits). A change below LEAST disappears in it, one from MOST on is obvious; a mask rises
# from 0 to 1 between the two.
VISIBLE_LEAST, VISIBLE_MOST = 3 / 255, 8 / 255
_MASKS, _TEXTURES = 384, 24
_CELL = 16
_LAST = torch.channels_last
# The shares of the damaged images with at least one, two and three defects.
_SEVERAL = (1.0, 0.35, 0.12)
_ANYWHERE = 0.2
_OPACITY = (0.25, 1.0)
# Functions like `masks.bank`.
Shapes = Callable[[int, int, torch.Generator], Tensor]


class Damage:
    """Damages good photos of about size^2 pixels, of any shape.

    Created once: 384 shapes take 25 MB at 256 px. Its results depend only on `seed`, the photos and the
    generator of each call.
    """

    def __init__(
        self,
        size: int,
        seed: int = 0,
        device: torch.device | str = "cpu",
        kinds: Kinds = fills.KINDS,
        shapes: Shapes = masks.bank,
    ) -> None:
        generator = torch.Generator().manual_seed(seed)
        self.device = torch.device(device)
        self._kinds = kinds
        # The empty border represents everything outside a shape's canvas.
        self._masks = functional.pad(shapes(size, _MASKS, generator), (1, 1, 1, 1)).to(self.device)
        self._textures = masks.textures(size, _TEXTURES, generator).to(self.device)

    def __call__(
        self,
        images: Tensor,
        donors: Tensor | None,
        generator: torch.Generator,
        clean: float = 0.25,
    ) -> tuple[Tensor, Tensor]:
        """Good photos [N, 3, H, W] in 0..1, H and W multiples of 16 -> (damaged ones, masks [N, 1, H, W]).

        donors: other good photos to paste from, [M, 3, H', W']. clean: the share of images left unchanged. A
        mask is 1 where the photo was visibly changed and 0 where it was not: damage that happens to look like
        what was there does not count.
        """
        draw = Draw(generator, images.device)
        fill = Fills(self._textures, donors, draw)
        # Channels last is slow for sums and mixtures of three channels.
        original = images.contiguous()
        weights = _weights(original)
        damaged, support = original.clone(), torch.zeros_like(original[:, :1])
        luck = draw.uniform(len(images)).cpu()
        for several in _SEVERAL:
            chosen = (luck < (1 - clean) * several).nonzero()[:, 0].to(images.device)
            if len(chosen):
                cover = self._cover(weights[chosen], (images.shape[2], images.shape[3]), draw)
                damaged[chosen] = self._covered(damaged[chosen], cover, fill)
                support[chosen] = torch.maximum(support[chosen], cover)
        marks = visible(original, damaged).mul_(support > 0)
        return (damaged if images.is_contiguous() else damaged.contiguous(memory_format=_LAST)), marks

    def _cover(self, weights: Tensor, shape: tuple[int, int], draw: Draw) -> Tensor:
        """For each row of weights a shape at a random place, times its opacity: [N, 1, H, W] in 0..1."""
        count, (height, width) = len(weights), shape
        middle_y, middle_x = _places(weights, width, draw)
        number, side = draw.integers(count, len(self._masks)), self._masks.shape[1]
        rows = _mirrored(torch.arange(height, device=draw.device), middle_y, draw, side)
        columns = _mirrored(torch.arange(width, device=draw.device), middle_x, draw, side)
        shapes = self._masks[number[:, None, None], rows[:, :, None], columns[:, None, :]]
        opacity = draw.uniform(count, low=_OPACITY[0], high=_OPACITY[1])
        return shapes[:, None].float() * (opacity / 255)[:, None, None, None]

    def _covered(self, photos: Tensor, cover: Tensor, fill: Fills) -> Tensor:
        """The photos with other content where the cover is."""
        drawn = fill.draw.kinds(len(photos), [share for _, share in self._kinds])
        other = torch.empty_like(photos)
        for kind in sorted(set(drawn.tolist())):
            these = (drawn == kind).nonzero()[:, 0].to(photos.device)
            other[these] = self._kinds[kind][0](fill, photos[these])
        return torch.lerp(photos, other, cover)


def visible(images: Tensor, damaged: Tensor) -> Tensor:
    """How visible the change is at each place, [N, 1, H, W] in 0..1, from its mean over 3 x 3 pixels."""
    change = (damaged - images).abs_().amax(1, keepdim=True)
    for axis in (2, 3):
        change = _mean_of_three(change, axis)
    return ((change - VISIBLE_LEAST) / (VISIBLE_MOST - VISIBLE_LEAST)).clamp(0, 1)


def _mean_of_three(values: Tensor, axis: int) -> Tensor:
    """The mean of each value and its two neighbours along an axis; the border counts twice. Far faster
    than pooling."""
    length = values.shape[axis]
    rim = [values.narrow(axis, 0, 1), values, values.narrow(axis, length - 1, 1)]
    wide = torch.cat(rim, axis)
    return (wide.narrow(axis, 0, length) + values + wide.narrow(axis, 2, length)) / 3


def _weights(images: Tensor) -> Tensor:
    """The likelihood of damage for each cell of 16 px, [N, cells]: the part is where there is contrast."""
    small = functional.avg_pool2d(images.mean(1, keepdim=True), 4)
    contrast = (small - functional.avg_pool2d(small, 5, 1, 2, count_include_pad=False)).abs()
    cells = functional.avg_pool2d(contrast, _CELL // 4)
    around = max(1, min(cells.shape[2:]) // 5) | 1
    cells = functional.avg_pool2d(cells, around, 1, around // 2, count_include_pad=False).flatten(1)
    # Saturating: any place on the part is about as likely as its strongest edge.
    return cells / (cells + cells.mean(1, keepdim=True) + 1e-6) + 0.02


def _places(weights: Tensor, width: int, draw: Draw) -> tuple[Tensor, Tensor]:
    """The positions of defects, (y, x) each [N], px: by the weights of the cells, sometimes anywhere."""
    anywhere = draw.uniform(len(weights), 1) < _ANYWHERE
    cell = draw.places(torch.where(anywhere, torch.ones_like(weights), weights))
    row, column = cell // (width // _CELL), cell % (width // _CELL)
    count = len(weights)
    return row * _CELL + draw.integers(count, _CELL), column * _CELL + draw.integers(count, _CELL)


def _mirrored(axis: Tensor, middle: Tensor, draw: Draw, side: int) -> Tensor:
    """The row (or column) of a shape's canvas at each place of the axis: [N, len(axis)]."""
    sign = draw.integers(len(middle), 2) * 2 - 1
    return (sign[:, None] * (axis - middle[:, None]) + side // 2).clamp(0, side - 1)
