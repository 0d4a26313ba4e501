"""A memory bank of good patches, and the distance of patches from it."""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

# A distance is divided by the spread of the bank there: the mean distance to this many neighbours,
NEIGHBOURS = 5
# plus this share of the mean over the bank, so that noise is not amplified in crowded places.
SHARED = 0.25
# Distances are computed in blocks of this many patches: 20 MB for a bank of 5,000.
_BLOCK = 1024
# In place of a photo's number: it is of another category, with which the bank is shared.
OF_ANOTHER = -1
# A rough distance is to this share of the bank, and to at least this many vectors.
_ROUGH, _ROUGH_LEAST = 1 / 8, 64


class PatchBank:
    """Vectors [M, C] of good patches, and their local spread [M].

    origins: where each vector is from, int32 [M, 4]: the number of the photo among those learned from (or
    OF_ANOTHER), of its turned copy (0: as it is), and the patch's row and column. None in runs from before
    30 November 2026.
    """

    def __init__(self, vectors: Tensor, spread: Tensor | None = None, origins: Tensor | None = None) -> None:
        self.vectors = vectors
        self.origins = origins
        # Centred: far from zero, small distances would be differences of large numbers.
        self.about = vectors.mean(dim=0)
        self.centred = vectors - self.about
        self._squares = self.centred.square().sum(dim=1)
        if spread is not None:
            self.spread = spread

    def distances(self, features: Tensor, *, relative: bool = True) -> Tensor:
        """Feature maps [N, C, H, W] -> [N, H, W]: distance to the nearest vector of the bank.

        Exact (a blocked matrix product). relative: divided by the spread of the bank around that vector, so
        that detailed and plain places of a part are judged alike.
        """
        distance, place = self.nearest(features)
        return distance / self.spread[place] if relative else distance

    def nearest(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Feature maps [N, C, H, W] -> [N, H, W], twice: distance to the nearest vector, and its number."""
        patches = features.permute(0, 2, 3, 1)
        blocks = [self._nearest(block) for block in torch.split(patches.flatten(0, 2), _BLOCK)]
        distances, places = (torch.cat(part).reshape(patches.shape[:3]) for part in zip(*blocks, strict=True))
        return distances, places

    def _nearest(self, block: Tensor) -> tuple[Tensor, Tensor]:
        # |x - b|² = |x|² + |b|² - 2xb; |x|² does not decide which b is nearest.
        block = block - self.about
        least, place = torch.addmm(self._squares[None], block, self.centred.T, alpha=-2).min(dim=1)
        return (least + block.square().sum(dim=1)).clamp(min=0).sqrt(), place

    def roughly(self, features: Tensor) -> Tensor:
        """An estimate of `distances`, never too small: to the first vectors of the bank only, which a coreset
        begins with and which cover all of it."""
        count = min(len(self.vectors), max(_ROUGH_LEAST, round(_ROUGH * len(self.vectors))))
        return PatchBank(self.vectors[:count], self.spread[:count]).distances(features)

    def at(self, features: Tensor, places: Tensor) -> Tensor:
        """`distances` at some places of each photo, [N, K] numbers in H * W: [N, K]."""
        patches = features.flatten(2).gather(2, places[:, None].expand(-1, features.shape[1], -1))
        return self.distances(patches[..., None])[..., 0]

    def around(self, numbers: Tensor) -> Tensor:
        """The mean distance of these vectors [K] from their nearest ones in the bank, [K]: how much good
        patches differ there. 0 in a bank of one vector."""
        count = min(NEIGHBOURS + 1, len(self.vectors))
        near = torch.cdist(self.vectors[numbers], self.vectors).topk(count, largest=False).values
        return near[:, 1:].mean(dim=1) if count > 1 else torch.zeros_like(near[:, 0])

    def pack(self, prefix: str, *, spread: bool = True) -> dict[str, Tensor]:
        """All of it, by name; what is computed on first use only if `spread`."""
        kept = {f"{prefix}vectors": self.vectors}
        if spread:
            kept[f"{prefix}spread"] = self.spread
        if self.origins is not None:
            kept[f"{prefix}origins"] = self.origins.int()
        return kept

    @cached_property
    def spread(self) -> Tensor:
        """The spread of the vectors around each. Computed on first use: not every method needs it."""
        count = min(NEIGHBOURS + 1, len(self.vectors))
        # The nearest one is the vector itself, at distance 0.
        near = [
            torch.cdist(block, self.vectors).topk(count, largest=False).values[:, 1:]
            for block in torch.split(self.vectors, _BLOCK)
        ]
        local = torch.cat(near).mean(dim=1) if count > 1 else torch.ones_like(self._squares)
        return (local + SHARED * local.mean()).clamp(min=1e-12)
