"""Random numbers from one generator, wherever they are used."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


class Draw:
    """Draws from `generator`, on its own device, to `device`: a CPU generator means the same everywhere."""

    def __init__(self, generator: torch.Generator, device: torch.device) -> None:
        self.generator = generator
        self.device = device

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        found = torch.rand(shape, generator=self.generator, device=self.generator.device)
        return (low + (high - low) * found).to(self.device)

    def integers(self, count: int, below: int) -> Tensor:
        where = self.generator.device
        return torch.randint(below, (count,), generator=self.generator, device=where).to(self.device)

    def kinds(self, count: int, shares: Sequence[float]) -> Tensor:
        """[count] numbers of kinds, each as often as its share says; on the CPU, to be branched on."""
        edges = torch.tensor(shares).cumsum(0)
        drawn = torch.rand(count, generator=self.generator, device=self.generator.device).cpu()
        return torch.bucketize(drawn * edges[-1], edges).clamp_max(len(shares) - 1)

    def places(self, weights: Tensor) -> Tensor:
        """[N] one column number of each row of weights [N, K], by its weight."""
        drawn = self.uniform(len(weights), 1)
        edges = weights.cumsum(1)
        return torch.searchsorted(edges, drawn * edges[:, -1:])[:, 0].clamp_max(weights.shape[1] - 1)
