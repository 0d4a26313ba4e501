"""Fixed filters: colour, edges and lines at several sizes. Features of photos without any learned weight."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

OCTAVES = 3
_ORIENTATIONS = 4
_SIGMA = 1.0
_RADIUS = 3
# Luminance, red against green, yellow against blue (Ruderman et al. 1998, by hand and of equal range).
_OPPONENT = ((1 / 3, 1 / 3, 1 / 3), (0.5, -0.5, 0.0), (0.25, 0.25, -0.5))


class FilterBank(nn.Module):
    """Images [N, 3, H, W] in 0..1 -> feature maps [N, C, H/8, W/8] and [N, C, H/16, W/16], C = 150.

    For each of three octaves and each opponent colour: first and second Gaussian derivatives in four
    orientations, positive and negative responses apart, averaged over the patch, square root taken;
    and of each colour the mean and the deviation within the patch. The steerable pyramids and filter
    banks of texture analysis (Leung and Malik 2001), which need no training.
    """

    opponent: Tensor
    kernels: Tensor

    def __init__(self) -> None:
        super().__init__()
        kernels = _derivatives()
        self.register_buffer("opponent", torch.tensor(_OPPONENT).view(3, 3, 1, 1), persistent=False)
        self.register_buffer("kernels", kernels.repeat(3, 1, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        colours = nn.functional.conv2d(images, self.opponent)
        fine, coarse = [], []
        level = colours
        for octave in range(OCTAVES):
            stride = 8 // 2**octave
            found = self._edges(level)
            fine.append(nn.functional.avg_pool2d(found, stride))
            coarse.append(nn.functional.avg_pool2d(found, 2 * stride))
            level = nn.functional.avg_pool2d(level, 2)
        return _features(fine, colours, 8), _features(coarse, colours, 16)

    def _edges(self, level: Tensor) -> Tensor:
        padded = nn.functional.pad(level, [_RADIUS] * 4, mode="reflect")
        found = nn.functional.conv2d(padded, self.kernels, groups=3)
        return torch.cat([found.relu(), (-found).relu()], dim=1)


def _features(edges: list[Tensor], colours: Tensor, stride: int) -> Tensor:
    mean = nn.functional.avg_pool2d(colours, stride)
    squares = nn.functional.avg_pool2d(colours.square(), stride)
    deviation = (squares - mean.square()).clamp(min=0).sqrt()
    return torch.cat([torch.cat(edges, dim=1).sqrt(), mean, deviation], dim=1)


def _derivatives() -> Tensor:
    """Kernels [8, 1, 7, 7]: four orientations of the first, and of the second derivative of a Gaussian."""
    side = torch.arange(-_RADIUS, _RADIUS + 1, dtype=torch.float32)
    y, x = torch.meshgrid(side, side, indexing="ij")
    gauss = torch.exp(-(x.square() + y.square()) / (2 * _SIGMA**2))
    kernels = []
    for order in (1, 2):
        for number in range(_ORIENTATIONS):
            angle = math.pi * number / _ORIENTATIONS
            along = (x * math.cos(angle) + y * math.sin(angle)) / _SIGMA
            kernel = (along if order == 1 else along.square() - 1) * gauss
            kernel = kernel - kernel.mean()
            kernels.append(kernel / kernel.abs().sum())
    return torch.stack(kernels)[:, None]
