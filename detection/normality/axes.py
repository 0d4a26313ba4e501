"""Principal axes of feature vectors."""

from __future__ import annotations

import torch
from torch import Tensor


class Axes:
    """The `count` widest principal axes of vectors, scaled by eigenvalue^-1/4: partly whitened.

    So strong features do not hide the others, and weak ones are not amplified as much as by whitening.
    """

    def __init__(self, mean: Tensor, axes: Tensor) -> None:
        self.mean = mean
        self.axes = axes

    @classmethod
    def of(cls, vectors: Tensor, count: int) -> Axes:
        """From vectors [M, C]; `count` at most C."""
        mean = vectors.mean(dim=0)
        centred = (vectors - mean).double()
        covariance = centred.T @ centred / max(1, len(vectors) - 1)
        # Grey photos leave the colour features without variance; equal eigenvalues would make their axes
        # ambiguous.
        ridge = 1e-9 * covariance.diagonal().mean() + 1e-18
        apart = torch.linspace(1, 2, len(covariance)).to(covariance)
        values, axes = torch.linalg.eigh(covariance + torch.diag(ridge * apart))
        least = 1e-6 * values[-1]
        return cls(mean, (axes[:, -count:] * values[-count:].clamp(min=least) ** -0.25).float())

    @property
    def count(self) -> int:
        return self.axes.shape[1]

    def project(self, features: Tensor) -> Tensor:
        """[N, C, H, W] -> [N, count, H, W]."""
        return torch.einsum("nchw,cd->ndhw", features - self.mean[None, :, None, None], self.axes)
