"""How large the distances of good photos are at each place: edges of a part are harder to reconstruct than
its plain areas, even on good photos."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from detection.normality.place import OWN, Grid, on_grid

# A deviation is at least this share of the mean distance: of few photos it may be 0.
_LEAST = 0.05


@dataclass(frozen=True, eq=False)
class UsualDistances:
    """mean, deviation: of distances of good photos at each place, [1, 1, *grid]; the grid is 1 x 1 where
    places cannot be compared."""

    mean: Tensor
    deviation: Tensor

    def excess(self, maps: Tensor) -> Tensor:
        """Distances [N, h, w] -> how far they exceed the usual ones, in deviations of these: [N, h, w], never
        negative. Softly cut off, so that scores of good photos differ."""
        grid = (maps.shape[1], maps.shape[2])
        apart = (maps - on_grid(self.mean, grid)[:, 0]) / on_grid(self.deviation, grid)[:, 0]
        return functional.softplus(apart)

    def tensor(self) -> Tensor:
        """[2, *grid], for `Model.pack`."""
        return torch.cat([self.mean, self.deviation])[:, 0]

    @classmethod
    def of(cls, stored: Tensor) -> UsualDistances:
        """The reverse of `tensor`."""
        return cls(stored[None, :1], stored[None, 1:])


def usual(maps: Iterable[Tensor], grid: Grid) -> UsualDistances:
    """From distances [N, h, w] of good photos; the deviation of a place is 0.8 its own and 0.2 the mean of
    all places."""
    count, mean, squares = 0, torch.zeros(()), torch.zeros(())
    for some in maps:
        placed = on_grid(some[:, None], grid).double()
        # Distances differ within a place of a coarser grid, too.
        square = on_grid(some[:, None].square(), grid).double()
        count += len(some)
        mean = mean.to(some.device) + placed.sum(dim=0, keepdim=True)
        squares = squares.to(some.device) + square.sum(dim=0, keepdim=True)
    mean = mean / count
    own = (squares / count - mean.square()).clamp_min(0).sqrt()
    deviation = OWN * own + (1 - OWN) * own.mean() + _LEAST * mean.mean() + 1e-6
    return UsualDistances(mean.float(), deviation.float())
