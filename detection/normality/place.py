"""What is usual at each place of a part: a Gaussian (PaDiM, Defard et al. 2021, arXiv:2011.08785)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from detection.errors import BadArtifact

Grid = tuple[int, int]
# The covariance of a place is mixed with the mean over all places, which a few dozen images determine well.
OWN = 0.8
_RIDGE = 1e-3
# Maps that are finer by this factor are averaged: sampling would skip too much between places.
_MUCH_FINER = 1.5


class PlaceModel:
    """Means [P, D] and whitening [P, D, D] of each place of a grid. Created by `PlaceSums`, or by
    `unpack`."""

    def __init__(self, grid: Grid, mean: Tensor, whitening: Tensor) -> None:
        self.grid = grid
        self.mean = mean
        self.whitening = whitening

    def pack(self) -> dict[str, Tensor]:
        """All of it, by name."""
        return {"grid": torch.tensor(self.grid), "mean": self.mean, "whitening": self.whitening}

    @classmethod
    def unpack(cls, tensors: dict[str, Tensor], prefix: str, device: torch.device) -> PlaceModel:
        """The reverse of `pack`, from tensors whose names have this prefix. Raises BadArtifact."""
        try:
            grid, mean, whitening = (tensors[f"{prefix}{name}"] for name in ("grid", "mean", "whitening"))
        except KeyError as error:
            raise BadArtifact(f"The weights contain no {error}.") from error
        height, width = grid.tolist()
        return cls((height, width), mean.to(device), whitening.to(device))

    def distances(self, projected: Tensor) -> Tensor:
        """Projected features [N, D, H, W] -> Mahalanobis distance [N, H, W]."""
        return self.lengths(self.residuals(projected), (projected.shape[2], projected.shape[3]))

    def residuals(self, projected: Tensor) -> Tensor:
        """Projected features [N, D, H, W] -> whitened differences from the usual [N, D, *grid]."""
        apart = on_grid(projected, self.grid).flatten(2).permute(2, 0, 1) - self.mean[:, None]
        white = torch.bmm(apart, self.whitening)
        return white.permute(1, 2, 0).reshape(projected.shape[0], projected.shape[1], *self.grid)

    def lengths(self, residuals: Tensor, shape: Grid) -> Tensor:
        """Residuals [N, D, *grid] -> Mahalanobis distance [N, *shape]."""
        return on_grid(residuals.square().sum(dim=1, keepdim=True).sqrt(), shape)[:, 0]


class PlaceSums:
    """Sums up what `PlaceModel` needs, image by image, in constant memory."""

    def __init__(self, grid: Grid, dimensions: int, device: torch.device) -> None:
        places = grid[0] * grid[1]
        self.grid = grid
        self.count = 0
        # The means of the first images are subtracted: a variance computed as the difference of large numbers
        # is noise.
        self._about: Tensor | None = None
        self._sum = torch.zeros(places, dimensions, device=device)
        self._squares = torch.zeros(places, dimensions, dimensions, device=device)

    def add(self, projected: Tensor) -> None:
        """Projected features [N, D, H, W] of good images."""
        vectors = on_grid(projected, self.grid).flatten(2).permute(2, 0, 1)
        if self._about is None:
            self._about = vectors.mean(dim=1, keepdim=True)
        vectors = vectors - self._about
        self.count += len(projected)
        self._sum += vectors.sum(dim=1)
        self._squares.baddbmm_(vectors.transpose(1, 2), vectors)

    def model(self, own: float = OWN, ridge: float = _RIDGE) -> PlaceModel:
        """own: the share of a place's own covariance; the rest is the mean over all places. ridge: added
        to every variance, as a share of the mean one."""
        assert self._about is not None, "no images were added"
        mean = self._sum / self.count
        here = self._squares / self.count - mean[:, :, None] * mean[:, None, :]
        mixed = own * here + (1 - own) * here.mean(dim=0)
        least = ridge * mixed.diagonal(dim1=1, dim2=2).mean() + 1e-12
        mixed = mixed + least * torch.eye(mixed.shape[1], device=mixed.device)
        # With C = LL', the distance d'C⁻¹d is the length of L⁻¹d.
        lower = torch.linalg.cholesky(mixed)
        identity = torch.eye(mixed.shape[1], device=mixed.device).expand_as(lower)
        inverse = torch.linalg.solve_triangular(lower, identity, upper=False)
        return PlaceModel(self.grid, mean + self._about[:, 0], inverse.transpose(1, 2).contiguous())


def on_grid(maps: Tensor, grid: Grid) -> Tensor:
    """[N, C, H, W] -> [N, C, *grid]; unchanged if it has that shape."""
    if maps.shape[2:] == grid:
        return maps
    if min(side / wanted for side, wanted in zip(maps.shape[2:], grid, strict=True)) >= _MUCH_FINER:
        return nn.functional.adaptive_avg_pool2d(maps, grid)
    return nn.functional.interpolate(maps, size=grid, mode="bilinear", align_corners=False)
