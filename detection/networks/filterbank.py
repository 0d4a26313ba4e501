"""Fixed filters: colour, edges and lines at several sizes. Features of photos without learned weights."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn

OCTAVES = 3
_ORIENTATIONS = 4
_SIGMA = 1.0
_RADIUS = 3
_STRIP = 32  # rows
# Of the lines: number of orientations, length of the Gaussian along them, and half the side of a kernel; they
# are as wide as the edges.
_LINES, _LENGTH, _REACH = 12, 4.0, 9
# Channels: of the edges, which come first, and of the colours, which come last.
_EDGES, _COLOURS = OCTAVES * 3 * 2 * 2 * _ORIENTATIONS, 6
# At full weight, they displace axes that matter for circuit boards (.958 to .944); at this weight most of
# their benefit remains.
_LINES_WEIGHT = 0.5
# Luminance, red against green, yellow against blue (Ruderman et al. 1998, by hand and of equal range).
Lines = Literal["none", "oriented", "pooled"]
_OPPONENT = ((1 / 3, 1 / 3, 1 / 3), (0.5, -0.5, 0.0), (0.25, 0.25, -0.5))


class FilterBank(nn.Module):
    """Images [N, 3, H, W] in 0..1 -> feature maps [N, C, H/8, W/8] and [N, C, H/16, W/16], C = 174.

    For each of three octaves and each opponent colour: first and second Gaussian derivatives in four
    orientations, positive and negative responses separately, averaged over the patch, square root taken; and
    for each colour the mean and the deviation within the patch. The steerable pyramids and filter banks of
    texture analysis (Leung and Malik 2001), which need no training.

    lines: in addition, of the luminance, second derivatives of long Gaussians in twelve orientations, and of
    each the largest positive and negative response in the patch. A hairline crack fills a small part of a
    patch: it is lost in a mean, and on rough metal also in short filters. `pooled`: the largest over all
    orientations, for parts at any angle, where an orientation says nothing: C = 152. Without lines, C = 150.
    """

    opponent: Tensor
    kernels: Tensor
    long: Tensor

    def __init__(self, lines: Lines = "oriented") -> None:
        super().__init__()
        self.lines = lines
        kernels = _derivatives()
        self.register_buffer("opponent", torch.tensor(_OPPONENT).view(3, 3, 1, 1), persistent=False)
        self.register_buffer("kernels", kernels.repeat(3, 1, 1, 1), persistent=False)
        self.register_buffer("long", _long(), persistent=False)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        colours = nn.functional.conv2d(images, self.opponent)
        fine, coarse = [], []
        level = colours
        for octave in range(OCTAVES):
            stride = 8 // 2**octave
            fine.append(self._edges(level, stride))
            coarse.append(nn.functional.avg_pool2d(fine[-1], 2))
            level = nn.functional.avg_pool2d(level, 2)
        if self.lines != "none":
            fine.append(self._strongest(colours[:, :1]))
            coarse.append(nn.functional.max_pool2d(fine[-1], 2))
        return _features(fine, colours, 8), _features(coarse, colours, 16)

    @staticmethod
    def without_lines(features: Tensor) -> Tensor:
        """Of features [N, C, h, w] those that a bank without lines gives: [N, 150, h, w]."""
        return torch.cat([features[:, :_EDGES], features[:, -_COLOURS:]], dim=1)

    def _strongest(self, luminance: Tensor) -> Tensor:
        """The strongest lines in each patch, dark and light ones separately: [N, 24, H/8, W/8], or pooled
        [N, 2, H/8, W/8]."""
        padded = nn.functional.pad(luminance, [_REACH] * 4, mode="reflect")
        responses = nn.functional.conv2d(padded, self.long)
        sides = responses, -responses
        if self.lines == "pooled":
            sides = responses.amax(dim=1, keepdim=True), -responses.amin(dim=1, keepdim=True)
        largest = [nn.functional.max_pool2d(side, 8) for side in sides]
        # Squared, because the square root of all features is taken later.
        return torch.cat(largest, dim=1).relu() * _LINES_WEIGHT**2

    def _edges(self, level: Tensor, stride: int) -> Tensor:
        padded = nn.functional.pad(level, [_RADIUS] * 4, mode="reflect")
        if torch.jit.is_tracing():  # type: ignore[no-untyped-call]
            # An exported network takes any height.
            return self._edges_of(padded, stride)
        # The responses of a strip stay in the cache until they are pooled: the same values in half the time.
        starts = range(0, level.shape[2] // stride * stride, _STRIP)
        strips = [
            self._edges_of(padded[:, :, start : start + _STRIP + 2 * _RADIUS], stride) for start in starts
        ]
        return torch.cat(strips, dim=2)

    def _edges_of(self, padded: Tensor, stride: int) -> Tensor:
        responses = nn.functional.conv2d(padded, self.kernels, groups=3)
        # Joined only after pooling, when they are small.
        return torch.cat(
            [nn.functional.avg_pool2d(side.relu(), stride) for side in (responses, -responses)], dim=1
        )


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


def _long() -> Tensor:
    """Kernels [12, 1, 19, 19]: second derivatives across long Gaussians."""
    side = torch.arange(-_REACH, _REACH + 1, dtype=torch.float32)
    y, x = torch.meshgrid(side, side, indexing="ij")
    kernels = []
    for number in range(_LINES):
        angle = math.pi * number / _LINES
        across = (x * math.cos(angle) + y * math.sin(angle)) / _SIGMA
        along = (y * math.cos(angle) - x * math.sin(angle)) / _LENGTH
        kernel = (across.square() - 1) * torch.exp(-(across.square() + along.square()) / 2)
        kernel = kernel - kernel.mean()
        kernels.append(kernel / kernel.abs().sum())
    return torch.stack(kernels)[:, None]
