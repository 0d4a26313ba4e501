"""Random numbers from one generator, for any device."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


class Draw:
    """Draws from `generator` on its own device and moves to `device`: a CPU generator gives the same
    everywhere."""

    def __init__(self, generator: torch.Generator, device: torch.device) -> None:
        self.generator = generator
        self.device = device

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        values = torch.rand(shape, generator=self.generator, device=self.generator.device)
        return (low + (high - low) * values).to(self.device)

    def integers(self, count: int, below: int) -> Tensor:
        where = self.generator.device
        return torch.randint(below, (count,), generator=self.generator, device=where).to(self.device)

    def kinds(self, count: int, shares: Sequence[float]) -> Tensor:
        """[count] indices of kinds, each as frequent as its share; on the CPU, for branching."""
        edges = torch.tensor(shares).cumsum(0)
        drawn = torch.rand(count, generator=self.generator, device=self.generator.device).cpu()
        return torch.bucketize(drawn * edges[-1], edges).clamp_max(len(shares) - 1)

    def places(self, weights: Tensor) -> Tensor:
        """[N] a column index of each row of weights [N, K], drawn by weight."""
        drawn = self.uniform(len(weights), 1)
        edges = weights.cumsum(1)
        return torch.searchsorted(edges, drawn * edges[:, -1:])[:, 0].clamp_max(weights.shape[1] - 1)
