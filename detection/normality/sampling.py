"""A bounded, even sample of patch vectors from a stream of feature maps."""

from __future__ import annotations

import torch
from torch import Tensor

# Maximum memory of a sample: 131,072 vectors of 256 features.
ROOM = 128 * 2**20
# Points among which a greedy search looks for the next ones, and points whose distances it updates at once.
CANDIDATES, BLOCK = 128, 8192
# Default number of random axes on which distances are computed.
PROJECTED = 64


class PatchSample:
    """Up to `limit` vectors of the feature maps that are added, each patch with the same probability.

    They take at most `room` bytes. total: how many patches there will be. The seed decides which are taken.
    """

    def __init__(self, limit: int, total: int, seed: int, *, room: int = ROOM) -> None:
        self._limit, self._total, self._room = limit, max(1, total), room
        self._generator = torch.Generator().manual_seed(seed)
        self._taken: list[Tensor] = []
        self._origins: list[Tensor] = []

    def add(self, features: Tensor, images: Tensor | None = None, turn: int = 0) -> None:
        """Feature maps [N, C, H, W]. images: the numbers [N] of their photos. turn: the number of the turned
        copy that they show, 0 for the photos as they are."""
        vectors = features.permute(0, 2, 3, 1).flatten(0, 2)
        share = min(self._limit, self._room // (4 * vectors.shape[1])) / self._total
        if share < 1:
            drawn = torch.rand(len(vectors), generator=self._generator) < share
            vectors = vectors[drawn.to(vectors.device)]
        self._taken.append(vectors.float())
        if images is not None:
            origins = _origins(images, turn, (features.shape[2], features.shape[3]))
            self._origins.append(origins[drawn] if share < 1 else origins)

    def vectors(self) -> Tensor:
        """float32 [M, C]. Handed over: the sample does not keep them."""
        taken, self._taken = self._taken, []
        return torch.cat(taken)

    def origins(self) -> Tensor:
        """Where each vector is from, int32 [M, 4]: photo, turned copy, row and column of the feature map; if
        the numbers of the photos were given to `add`."""
        return torch.cat(self._origins)


def _origins(images: Tensor, turn: int, grid: tuple[int, int]) -> Tensor:
    """Of all patches of feature maps of this height and width, int32 [N * height * width, 4]."""
    of_turn = torch.full_like(images, turn)
    rows, columns = torch.arange(grid[0]).to(images), torch.arange(grid[1]).to(images)
    copy, row, column = torch.meshgrid(torch.arange(len(images)).to(images), rows, columns, indexing="ij")
    every = (images[copy], of_turn[copy], row, column)
    return torch.stack(every, dim=-1).flatten(0, 2).int()


def coreset(
    vectors: Tensor,
    size: int,
    seed: int,
    *,
    project: int = PROJECTED,
    candidates: int = CANDIDATES,
    block: int = BLOCK,
) -> Tensor:
    """The numbers of `size` vectors that are as far apart as a greedy search finds them (k-centre).

    vectors: [M, C]. Distances are computed on a random projection to `project` dimensions, as in PatchCore
    (Roth et al. 2022, arXiv:2106.08265; 128 in the authors' code). All vectors if there are no more than
    `size`. candidates, block: how many points are processed at once; they do not change the result.
    """
    if len(vectors) <= size:
        return torch.arange(len(vectors), device=vectors.device)
    generator = torch.Generator().manual_seed(seed)
    projection = torch.randn(vectors.shape[1], project, generator=generator) / project**0.5
    points = vectors @ projection.to(vectors)
    # Centred: |a|² + |b|² - 2ab of points far from zero would be lost to rounding.
    points -= points.mean(dim=0)
    squares = points.square().sum(dim=1)
    nearest = torch.full_like(squares, torch.inf)
    new = torch.randint(len(vectors), (1,), generator=generator).to(vectors.device)
    chosen = new
    while True:
        _come_nearer(nearest, points, squares, new, block)
        if len(chosen) == size:
            return chosen
        new = _farthest(nearest, points, squares, size - len(chosen), candidates)
        chosen = torch.cat([chosen, new])


def _farthest(nearest: Tensor, points: Tensor, squares: Tensor, most: int, candidates: int) -> Tensor:
    """The numbers of the next points of the greedy search, at least one and at most `most`.

    Distances only decrease while points are taken. So as long as the farthest candidate is farther than any
    other point was at the start, no other point has to be examined.
    """
    top = nearest.topk(min(candidates, len(nearest)))
    near, others = top.values.clone(), float(top.values[-1])
    these = points[top.indices]
    between = squares[top.indices, None] + squares[top.indices] - 2 * these @ these.T
    taken: list[int] = []
    while len(taken) < most:
        distance, place = near.max(dim=0)
        if taken and float(distance) < others:
            break
        taken.append(int(place))
        torch.minimum(near, between[place], out=near)
    return top.indices[taken]


def _come_nearer(nearest: Tensor, points: Tensor, squares: Tensor, new: Tensor, size: int) -> None:
    """Update each point's squared distance to the nearest chosen one with these newly chosen points."""
    centres, their = points[new].T, squares[new]
    for start in range(0, len(points), size):
        block = slice(start, start + size)
        distances = torch.addmm(squares[block, None] + their, points[block], centres, alpha=-2).amin(dim=1)
        torch.minimum(nearest[block], distances, out=nearest[block])
