"""Leave-one-out without another fit: the distances of a good photo as if it had not been learned from.

In a memory bank, the photo's own vectors are masked. From the Gaussian of a place, the photo's own part is
removed in closed form (Sherman, Morrison and Woodbury). Both are nearly exact: the choice of the coreset, the
axes, and the covariance shared by all places still include the photo.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from detection.normality.bank import NEIGHBOURS, SHARED, PatchBank
from detection.normality.place import OWN

# Neighbours of a vector that are stored, so that enough of them are of other photos.
_KNOWN = 4 * NEIGHBOURS
_BLOCK = 1024


class BankWithout:
    """A bank, and the photo of each of its vectors: owners [M]."""

    def __init__(self, bank: PatchBank, owners: Tensor) -> None:
        self._bank, self._owners = bank, owners
        self._squares = bank.centred.square().sum(dim=1)
        count = min(_KNOWN + 1, len(bank.vectors))
        near, places = [], []
        for block in torch.split(bank.vectors, _BLOCK):
            nearest = torch.cdist(block, bank.vectors).topk(count, largest=False)
            near.append(nearest.values[:, 1:])
            places.append(nearest.indices[:, 1:])
        self._near, self._around = torch.cat(near), owners[torch.cat(places)]
        # With a single vector there is no spread.
        self._shared = SHARED * self._near[:, :NEIGHBOURS].mean() if count > 1 else torch.tensor(0.0)

    def distances(self, features: Tensor, photos: Sequence[int]) -> Tensor:
        """Feature maps [N, C, H, W] of one photo -> [N, H, W]: `PatchBank.distances` without the vectors of
        these photos."""
        left_out = torch.tensor(photos, device=self._owners.device)
        own = torch.isin(self._owners, left_out)
        if bool(own.all()):
            return torch.full((len(features), *features.shape[2:]), torch.inf, device=features.device)
        squares = torch.where(own, torch.inf, self._squares)
        spread = self._spread(left_out)
        patches = features.permute(0, 2, 3, 1)
        distances = []
        for block in torch.split(patches.flatten(0, 2), _BLOCK):
            block = block - self._bank.about
            least, place = torch.addmm(squares[None], block, self._bank.centred.T, alpha=-2).min(dim=1)
            distances.append((least + block.square().sum(dim=1)).clamp(min=0).sqrt() / spread[place])
        return torch.cat(distances).reshape(patches.shape[:3])

    def _spread(self, left_out: Tensor) -> Tensor:
        """The spread around each vector, without the vectors of these photos."""
        others = ~torch.isin(self._around, left_out)
        counted = others & (others.cumsum(dim=1) <= NEIGHBOURS)
        number = counted.sum(dim=1)
        local = (self._near * counted).sum(dim=1) / number.clamp(min=1)
        return torch.where(number > 0, local + self._shared, self._bank.spread).clamp(min=1e-12)


def lengths(residuals: Tensor, count: int, own: float = OWN) -> Tensor:
    """Mahalanobis distances [*grid] of a photo from Gaussians without the photo and its copies.

    residuals: whitened differences from the usual [K, D, *grid] of the photo and of the K - 1 turned copies
    that were learned from, too. count: how many were learned from in total. own: the share of a place's own
    covariance in its Gaussian. With K = 1 and q the squared distance: n/(n - 1) q / (1 - own q / (n - 1)).
    """
    return lengths_of(residuals[:1], residuals, count, own)[0]


def lengths_of(shown: Tensor, residuals: Tensor, count: int, own: float = OWN) -> Tensor:
    """The same [M, *grid] for other pictures of the photo, from their residuals [M, D, *grid]; see
    `lengths`."""
    copies, left = len(residuals), count - len(residuals)
    if left < 1:
        return torch.full((len(shown), *shown.shape[2:]), torch.inf, device=residuals.device)
    each = residuals.flatten(2).permute(2, 1, 0)  # [P, D, K]
    mean = each.mean(dim=2, keepdim=True)
    apart = torch.cat([each, copies / left**0.5 * mean], dim=2)
    # The pictures relative to the mean of the others: [P, D, M].
    seen = shown.flatten(2).permute(2, 1, 0) + copies / left * mean
    shrunk = left / count  # of the inverse covariance, which was over `count`
    gram = shrunk * apart.transpose(1, 2) @ apart
    along = shrunk * apart.transpose(1, 2) @ seen
    share = own / left
    identity = torch.eye(gram.shape[1], device=gram.device)
    solved = torch.linalg.solve(identity * (1 + 1e-6) - share * gram, along)
    squares = shrunk * seen.square().sum(dim=1) + share * (along * solved).sum(dim=1)
    distances: Tensor = squares.clamp(min=0).sqrt().T
    return distances.reshape(len(shown), *shown.shape[2:])
