"""Denoising diffusion: noise of many sizes, a network that removes it, and the repair of a photo by both."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from detection.networks.small_unet import SmallUNet

# The network learns noise levels up to this one, so that a run can be judged by any of them.
HIGHEST = 0.5
# The widest octave of the noise has this many cells on a side; each further one has twice as many, and this
# share of the amplitude.
_WIDEST, _PERSISTENCE = 4, 0.8


def noise(count: int, size: int, generator: torch.Generator) -> Tensor:
    """Gaussian noise of many sizes, [N, 3, size, size], of variance 1, on the CPU.

    White noise alone leaves a defect of more than a few pixels as visible as it was. In place of the simplex
    noise of AnoDDPM (Wyatt et al., CVPRW 2022), which takes longer to draw: each octave is drawn onto the
    smoothly enlarged one before.
    """
    side = _WIDEST
    drawn = torch.randn(count, 3, side, side, generator=generator)
    while side < size:
        side = min(2 * side, size)
        finer = torch.randn(count, 3, side, side, generator=generator)
        drawn = (
            functional.interpolate(drawn, size=(side, side), mode="bilinear").div_(_PERSISTENCE).add_(finer)
        )
    deviation: Tensor = drawn.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
    return drawn / deviation


def mixed(clean: Tensor, other: Tensor, level: Tensor | float) -> tuple[Tensor, Tensor]:
    """Photos and noise [N, 3, H, W] at a noise level (0: the photo, 1: noise), and the velocity there.

    By the cosine schedule (Nichol and Dhariwal 2021, arXiv:2102.09672) without its offset: cos(x) of the
    photo and sin(x) of the noise. The velocity is what the network is to predict (Salimans and Ho 2022,
    arXiv:2202.00512).
    """
    angle = torch.as_tensor(level, device=clean.device) * (math.pi / 2)
    keep, add = (one.reshape(-1, 1, 1, 1) for one in (angle.cos(), angle.sin()))
    return keep * clean + add * other, keep * other - add * clean


class Denoiser(nn.Module):
    """Noisy photos [N, 3, H, W], -1..1 without noise, and levels [N, 1, 1, 1] -> velocities [N, 3, H, W].

    A small UNet that reads the noise level as a plane beside the colours, as FFDNet (Zhang et al. 2018,
    arXiv:1710.04026), and where on the photo it is, as CoordConv (Liu et al. 2018, arXiv:1807.03247): parts
    mostly lie the same way.
    """

    def __init__(self, width: int, *, normalised: bool = True) -> None:
        super().__init__()
        self.unet = SmallUNet(3 + 1 + 2, 3, width, normalised=normalised)
        with torch.no_grad():
            self.unet.out.weight.mul_(0.1)

    def forward(self, noisy: Tensor, level: Tensor) -> Tensor:
        none = torch.zeros_like(noisy[:, :1])  # an export has to hold for any number of photos
        rows, columns = (torch.linspace(-1, 1, side, device=noisy.device) for side in noisy.shape[2:])
        velocity: Tensor = self.unet(
            torch.cat([noisy, none + level, none + rows[:, None], none + columns], dim=1)
        )
        return velocity


class Repair(nn.Module):
    """Photos [N, 3, size, size] in 0..1 -> repairs from several draws of noise, [N, draws, 3, size, size].

    Each photo is mixed with noise up to a level, always the same noise, and freed of it in a few
    deterministic steps (DDIM, Song et al. 2021, arXiv:2010.02502). What is unusual does not come back.
    """

    drawn: Tensor

    def __init__(self, denoiser: Denoiser, drawn: Tensor, level: float, steps: int) -> None:
        super().__init__()
        self.denoiser, self.steps, self.level = denoiser, steps, level
        self.register_buffer("drawn", drawn[None], persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        draws, (height, width) = self.drawn.shape[1], images.shape[2:]
        clean = (2 * images - 1)[:, None].expand(-1, draws, -1, -1, -1)
        other = self.drawn.expand_as(clean).reshape(-1, 3, height, width)
        clean = clean.reshape(-1, 3, height, width)
        for step in range(self.steps):
            level = self.level * (1 - step / self.steps)
            keep, add = math.cos(level * math.pi / 2), math.sin(level * math.pi / 2)
            noisy = keep * clean + add * other
            velocity = self.denoiser(noisy, images.new_full((1, 1, 1, 1), level))
            clean, other = keep * noisy - add * velocity, add * noisy + keep * velocity
        return (clean.reshape(-1, draws, 3, height, width) / 2 + 0.5).clamp(0, 1)
