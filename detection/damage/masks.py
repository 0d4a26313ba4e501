"""Shapes of damage, made once: blobs, spatter, polygons, rectangles and scratches; thin cracks and pits."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

# Shares of the picture: the smallest visible defect, and the largest that still leaves a part.
LEAST, MOST = 5e-4, 0.15
_AT_ONCE = 32


class Shapes:
    """Centred shapes on square canvases of `size` px. A field is how far inside the shape each place is,
    px."""

    def __init__(self, size: int, generator: torch.Generator) -> None:
        self.size = size
        self.generator = generator
        axis = torch.arange(size, dtype=torch.float32) - (size - 1) / 2
        self._y, self._x = axis[:, None], axis[None, :]

    def uniform(self, count: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        """[count, 1, 1]"""
        return low + (high - low) * torch.rand((count, 1, 1), generator=self.generator)

    def noise(self, count: int, cells: int) -> Tensor:
        """Smooth noise [count, size, size] of standard deviation about 1, with about `cells` hills along
        each side."""
        cells = min(max(cells, 2), self.size)
        coarse = torch.randn((count, 1, cells, cells), generator=self.generator)
        smooth = functional.interpolate(
            coarse, size=(self.size, self.size), mode="bicubic", align_corners=True
        )
        return smooth[:, 0]

    def axes(self, count: int) -> tuple[Tensor, Tensor]:
        """Along and across a random direction, each [count, size, size], px from the centre."""
        angle = self.uniform(count, 0, 2 * math.pi)
        cosine, sine = angle.cos(), angle.sin()
        return cosine * self._x + sine * self._y, cosine * self._y - sine * self._x

    def blobs(self, area: Tensor) -> Tensor:
        """Stains and contamination: ellipses distorted by smooth noise."""
        count, radius = len(area), (area / math.pi).sqrt()
        along, across = self.axes(count)
        longer = self.uniform(count, 1.0, 2.5).sqrt()
        distance = ((along / longer).square() + (across * longer).square()).sqrt()
        # Hills about as large as the shape: dents in its outline, not a swarm of crumbs.
        cells = int(self.size / (1.3 * radius.mean().item())) + 2
        outline = self.uniform(count, 0.1, 0.7) * self.noise(count, cells)
        frayed = self.uniform(count, -0.2, 0.2).clamp_min(0) * self.noise(count, 4 * cells)
        return radius * (outline + frayed) - distance

    def spatter(self, area: Tensor) -> Tensor:
        """Crumbs and dirt: several small blobs close together."""
        count, spread = len(area), (3 * area / math.pi).sqrt()
        along, across = self.axes(count)
        distance = (along.square() + across.square()).sqrt()
        cells = int(2.5 * self.size / spread.mean().item()) + 2
        return 0.35 * spread * self.noise(count, cells) - 0.5 * distance.clamp_min(spread)

    def polygons(self, area: Tensor) -> Tensor:
        """Missing and foreign pieces: a convex shape of three to six straight edges."""
        count, radius = len(area), (area / math.pi).sqrt()
        turn, depth = self.uniform(count, 0, 2 * math.pi), None
        edges = int(torch.randint(3, 7, (1,), generator=self.generator))
        for edge in range(edges):
            angle = turn + 2 * math.pi * (edge + self.uniform(count, -0.35, 0.35)) / edges
            inside = radius * self.uniform(count, 0.7, 1.4) - (angle.cos() * self._x + angle.sin() * self._y)
            depth = inside if depth is None else torch.minimum(depth, inside)
        assert depth is not None
        return depth

    def rectangles(self, area: Tensor) -> Tensor:
        """Labels, gaps, misplaced pieces: a rectangle, half of them upright."""
        count, side = len(area), area.sqrt() / 2
        along, across = self.axes(count)
        upright = self.uniform(count) < 0.5
        along, across = torch.where(upright, self._x, along), torch.where(upright, self._y, across)
        longer = self.uniform(count, -1.2, 1.2).exp()
        return torch.minimum(side * longer - along.abs(), side / longer - across.abs())

    def scratches(self, area: Tensor) -> Tensor:
        """Scratches, cracks, hairs: a bent line with slight irregularities, thinner at its ends."""
        count = len(area)
        along, across = self.axes(count)
        width = self.uniform(count, 1.0, 1.5 + self.size / 64)
        half = (area / width / 2).clamp(3.0, 0.4 * self.size)
        bend = self.uniform(count, -0.35, 0.35) / half
        tremble = self.uniform(count, 0, 0.03) * self.size
        across = across + bend * along.square() + tremble * self.noise(count, self.size // 12)
        taper = (along.abs() / half).square() * width / 2
        return self._lines(along, across, width, half, taper * 0.7)

    def cracks(self, area: Tensor) -> Tensor:
        """Hairline cracks: 1 to 2 px wide at 256 px along their whole length, and crooked."""
        count = len(area)
        along, across = self.axes(count)
        width = self.uniform(count, 1.0, 2.0) * self.size / 256
        half = (area / width / 2).clamp(3.0, 0.4 * self.size)
        crooked = 0.02 * self.size * self.noise(count, self.size // 20)
        jagged = 0.004 * self.size * self.noise(count, self.size // 5)
        return self._lines(along, across + crooked + jagged, width, half)

    def _lines(
        self, along: Tensor, across: Tensor, width: Tensor, half: Tensor, taper: Tensor | float = 0.0
    ) -> Tensor:
        beyond = (along.abs() - half).clamp_min(0)
        return width / 2 - (across.abs() + taper + 2 * beyond)


@dataclass(frozen=True, slots=True)
class Kind:
    """field: draws a shape. share: of the bank. least, most: its area as a share of the picture."""

    field: Callable[[Shapes, Tensor], Tensor]
    share: float
    least: float
    most: float


KINDS = (
    Kind(Shapes.blobs, 0.40, LEAST, MOST),
    Kind(Shapes.spatter, 0.08, LEAST, 0.1 * MOST),
    Kind(Shapes.polygons, 0.12, LEAST, 0.6 * MOST),
    Kind(Shapes.rectangles, 0.10, LEAST, 0.6 * MOST),
    Kind(Shapes.scratches, 0.30, LEAST, 0.12 * MOST),
)
# Cracks, pits, and several pits close together.
THIN = (
    Kind(Shapes.cracks, 0.6, 3e-4, 4e-3),
    Kind(Shapes.blobs, 0.3, 6e-5, 4e-4),
    Kind(Shapes.spatter, 0.1, 3e-4, 1.5e-3),
)


def bank(
    size: int, count: int, generator: torch.Generator, kinds: Sequence[Kind] = KINDS, soft: float = 0.2
) -> Tensor:
    """About `count` masks, uint8 [count, size, size], 255 inside, with sharp to soft edges: soft ones fade
    over up to `soft` of a shape's extent.

    Areas are evenly distributed on a logarithmic scale, so small defects are as frequent as large ones.
    """
    shapes, masks = Shapes(size, generator), []
    for kind in kinds:
        # Sorted, so that shapes drawn together have similar sizes and share their noise's scale.
        count_of_kind = max(1, round(kind.share * count))
        areas = (kind.least * (kind.most / kind.least) ** shapes.uniform(count_of_kind)).sort(0)
        for area in torch.split(areas.values * size**2, _AT_ONCE):
            masks.append(_cut(kind.field(shapes, area), area, shapes, soft))
    return torch.cat(masks)


def thin(size: int, count: int, generator: torch.Generator) -> Tensor:
    """The same for cracks and pits, all with sharp edges."""
    return bank(size, count, generator, THIN, soft=0.0)


def textures(size: int, count: int, generator: torch.Generator) -> Tensor:
    """Noise, float32 [count, size, size] of standard deviation about 1: from grain to clouds."""
    shapes = Shapes(size, generator)
    cells = [max(2, round(size * 0.5**level)) for level in range(int(math.log2(size)) - 1)]
    fields = []
    for number in range(count):
        fine = number % len(cells)
        coarse = cells[min(fine + 2, len(cells) - 1)]
        fields.append(0.8 * shapes.noise(1, cells[fine]) + 0.6 * shapes.noise(1, coarse))
    return torch.cat(fields)


def _cut(fields: Tensor, area: Tensor, shapes: Shapes, share: float) -> Tensor:
    """Masks of the innermost places of each field, as many as its area."""
    flat = fields.flatten(1)
    kept = area.flatten().round().clamp(4, flat.shape[1] / 2).long()
    ranked = flat.topk(int(kept.max()), dim=1).values
    level = ranked.gather(1, kept[:, None] - 1)[:, :, None]
    # Width of the edge in px: from 1, a clean cut, up to a share of the shape's extent.
    soft = 1 + (share * area.sqrt() * shapes.uniform(len(area), -1, 1).clamp_min(0))
    return (((fields - level) / soft + 0.5).clamp(0, 1) * 255).round().byte()
