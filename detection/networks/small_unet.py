"""A UNet whose training steps are fast on a processor."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval


class Convolution(nn.Module):
    """A rectified 3x3 convolution: [N, inputs, H, W] -> [N, outputs, H, W].

    Normalised over the batch during training, which makes a short training much more effective. The
    normalisation is then folded into the weights, so judging does not need it.
    """

    def __init__(self, inputs: int, outputs: int, *, normalised: bool) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, 3, padding=1, bias=not normalised)
        nn.init.kaiming_normal_(self.convolution.weight, nonlinearity="relu")
        self.norm = nn.BatchNorm2d(outputs) if normalised else None

    def forward(self, x: Tensor) -> Tensor:
        x = self.convolution(x)
        return functional.relu(x if self.norm is None else self._normalised(x, self.norm), inplace=True)

    def _normalised(self, x: Tensor, norm: nn.BatchNorm2d) -> Tensor:
        """A single place of a single photo has no deviation of its own: it is normalised as when judging."""
        if not norm.training or x[:, 0].numel() > 1:
            normalised: Tensor = norm(x)
            return normalised
        return functional.batch_norm(
            x, norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps
        )

    def fold(self) -> None:
        """Become the same function without normalisation."""
        if self.norm is not None:
            self.convolution = fuse_conv_bn_eval(self.convolution.eval(), self.norm.eval())
            self.norm = None


def descend(stages: Iterable[nn.Module], pool: nn.Module, x: Tensor) -> list[Tensor]:
    """The outputs of the stages on a UNet's way down, each from the one before, the finest first."""
    levels: list[Tensor] = []
    for convolve in stages:
        levels.append(convolve(pool(levels[-1]) if levels else x))
    return levels


class SmallUNet(nn.Module):
    """Image to image, [N, inputs, H, W] -> [N, outputs, H, W]; H and W are multiples of 16. Linear output.

    What makes it fast: 2x2 pixels become one with four times the channels before the first convolution, and
    the reverse after the last (Shi et al. 2016, arXiv:1609.05158), so nothing is computed at full resolution
    and no pixel is lost; one convolution at the largest level and two at smaller ones; levels are added and
    not stacked. 0.6 million parameters at width 32.
    """

    BLOCK = 2

    def __init__(self, inputs: int, outputs: int, width: int = 32, *, normalised: bool = True) -> None:
        super().__init__()
        widths = [width, 2 * width, 3 * width, 4 * width]
        rising = widths[::-1]

        def convolutions(i: int, o: int, count: int) -> nn.Sequential:
            sides = [i, *[o] * count]
            return nn.Sequential(*(Convolution(a, b, normalised=normalised) for a, b in pairwise(sides)))

        self.down = nn.ModuleList([convolutions(inputs * self.BLOCK**2, width, 1)])
        self.down.extend(convolutions(i, o, 2) for i, o in pairwise(widths))
        self.pool = nn.MaxPool2d(2)
        self.up = nn.ModuleList(nn.Conv2d(i, o, 1) for i, o in pairwise(rising))
        self.merge = nn.ModuleList(convolutions(w, w, 1) for w in rising[1:])
        self.out = nn.Conv2d(width, outputs * self.BLOCK**2, 1)

    def forward(self, images: Tensor) -> Tensor:
        x = functional.pixel_unshuffle(images, self.BLOCK).contiguous(memory_format=torch.channels_last)
        levels = descend(self.down, self.pool, x)
        x = levels.pop()
        for up, merge in zip(self.up, self.merge, strict=True):
            x = merge(functional.interpolate(up(x), scale_factor=2.0) + levels.pop())
        return functional.pixel_shuffle(self.out(x), self.BLOCK)

    def fold(self) -> None:
        """Fold all normalisations into the weights: the same function, faster. No further training after
        it."""
        for module in self.modules():
            if isinstance(module, Convolution):
                module.fold()
        self.eval()
