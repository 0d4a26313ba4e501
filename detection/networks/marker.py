"""A UNet on feature maps that marks damaged places."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional

from detection.networks.small_unet import Convolution, descend

# Share of features left out at random during training, so that no single one is relied on.
_LEFT_OUT = 0.1
# Initial log odds: nearly sure that nothing is damaged, because most places are not.
_SELDOM = -3.0


class Marker(nn.Module):
    """Features [N, inputs, H, W] of any H and W -> log odds of damage at each place, [N, H, W].

    Inputs are normalised to the same mean and deviation; three levels, which are added, not stacked.
    """

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        widths = [width, 2 * width, 3 * width]
        self.scale = nn.BatchNorm2d(inputs, affine=False)
        self.leave_out = nn.Dropout2d(_LEFT_OUT)
        self.enter = nn.Conv2d(inputs, width, 1)
        sides = [width, *widths]
        self.down = nn.ModuleList(Convolution(i, o, normalised=True) for i, o in pairwise(sides))
        self.pool = nn.MaxPool2d(2, ceil_mode=True)
        rising = widths[::-1]
        self.up = nn.ModuleList(nn.Conv2d(i, o, 1) for i, o in pairwise(rising))
        self.merge = nn.ModuleList(Convolution(side, side, normalised=True) for side in rising[1:])
        self.out = nn.Conv2d(width, 1, 1)
        assert self.out.bias is not None
        nn.init.constant_(self.out.bias, _SELDOM)

    def forward(self, features: Tensor) -> Tensor:
        x = functional.relu(self.enter(self.leave_out(self.scale(features))))
        levels = descend(self.down, self.pool, x)
        x = levels.pop()
        for up, merge in zip(self.up, self.merge, strict=True):
            finer = levels.pop()
            x = merge(functional.interpolate(up(x), finer.shape[2:]) + finer)
        odds: Tensor = self.out(x)
        return odds[:, 0]
