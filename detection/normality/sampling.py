"""A bounded, even sample of patch vectors from a stream of feature maps."""

from __future__ import annotations

import torch
from torch import Tensor


class PatchSample:
    """Up to `limit` vectors of the feature maps it is shown, each patch as likely as any other.

    total: how many patches there will be in all. The seed decides which are taken.
    """

    def __init__(self, limit: int, total: int, seed: int) -> None:
        self._share = min(1.0, limit / max(1, total))
        self._generator = torch.Generator().manual_seed(seed)
        self._taken: list[Tensor] = []

    def add(self, features: Tensor) -> None:
        """Feature maps [N, C, H, W]."""
        vectors = features.permute(0, 2, 3, 1).flatten(0, 2)
        if self._share < 1:
            drawn = torch.rand(len(vectors), generator=self._generator) < self._share
            vectors = vectors[drawn.to(vectors.device)]
        self._taken.append(vectors.float())

    def vectors(self) -> Tensor:
        """float32 [M, C]."""
        return torch.cat(self._taken)


def coreset(vectors: Tensor, size: int, seed: int, *, project: int = 64) -> Tensor:
    """The numbers of `size` vectors that lie as far apart as a greedy search finds them (k-centre).

    vectors: [M, C]. Distances are taken on a random projection to `project` dimensions, as in
    PatchCore (Roth et al. 2022, arXiv:2106.08265). All of them where there are no more than `size`.
    """
    if len(vectors) <= size:
        return torch.arange(len(vectors), device=vectors.device)
    generator = torch.Generator().manual_seed(seed)
    projection = torch.randn(vectors.shape[1], project, generator=generator) / project**0.5
    points = vectors @ projection.to(vectors)
    squares = points.square().sum(dim=1)
    chosen = torch.zeros(size, dtype=torch.long, device=vectors.device)
    chosen[0] = torch.randint(len(vectors), (1,), generator=generator)
    nearest = torch.full_like(squares, torch.inf)
    for place in range(1, size):
        last = chosen[place - 1]
        torch.minimum(nearest, squares + squares[last] - 2 * (points @ points[last]), out=nearest)
        chosen[place] = nearest.argmax()
    return chosen
