"""The UNet of Ronneberger, Fischer and Brox (2015, arXiv:1505.04597), used as an autoencoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class DoubleConv(nn.Sequential):
    """Two rectified 3x3 convolutions: [N, inputs, H, W] -> [N, outputs, H, W].

    Without normalisation, with the initialisation of He et al. (2015, arXiv:1502.01852): a short training at
    a small learning rate gets much further, batches of one image are as good as batches of eight, and results
    of images cannot depend on each other.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            _convolution(inputs, outputs),
            nn.ReLU(inplace=True),
            _convolution(outputs, outputs),
            nn.ReLU(inplace=True),
        )


def _convolution(inputs: int, outputs: int) -> nn.Conv2d:
    convolution = nn.Conv2d(inputs, outputs, 3, padding=1)
    nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
    nn.init.zeros_(convolution.bias)  # type: ignore[arg-type]
    return convolution


class UNet(nn.Module):
    """Image to image, [N, 3, H, W] -> [N, 3, H, W]; H and W are multiples of 16.

    Four poolings; `width` channels at the first level, and twice as many at each further one: 7.8 million
    parameters at width 32. The output is linear. A sigmoid would keep it within 0..1, but its gradient
    vanishes at black and white, which are frequent in photos of parts.
    """

    POOLINGS = 4

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        widths = [width * 2**level for level in range(self.POOLINGS + 1)]
        rising = widths[-2::-1]
        self.down = nn.ModuleList(DoubleConv(i, o) for i, o in zip([3, *widths[:-1]], widths, strict=True))
        self.pool = nn.MaxPool2d(2)
        self.up = nn.ModuleList(nn.ConvTranspose2d(2 * w, w, 2, stride=2) for w in rising)
        self.merge = nn.ModuleList(DoubleConv(2 * w, w) for w in rising)
        self.out = nn.Conv2d(width, 3, 1)

    def forward(self, images: Tensor) -> Tensor:
        levels: list[Tensor] = []
        x = images
        for convolve in self.down:
            x = convolve(self.pool(x) if levels else x)
            levels.append(x)
        levels.pop()
        for up, merge in zip(self.up, self.merge, strict=True):
            x = merge(torch.cat([levels.pop(), up(x)], dim=1))
        result: Tensor = self.out(x)
        return result
