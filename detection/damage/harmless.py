"""Harmless changes: how a good part may look on another day. Lamp, exposure, colour, sensor and focus.

None of them changes the part, so none should change the verdict. What a method learns from them, it learns
without labels. Strength 1 is a change that is hard to see, 2 one that is visible, and 3 one at which somebody
would repair the lamp.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from detection.damage.draw import Draw

STRENGTHS = (1, 2, 3)
# At strength 3: a factor, an exponent, shares, grey levels, px of a photo as a model reads it.
LAMP, GAMMA, CONTRAST, COLOUR, NOISE, FOCUS, ASKEW = 1.25, 1.25, 0.2, 0.1, 6 / 255, 1.2, 0.15
_REACH = 4  # of a blur at these strengths, px

# (photos [N, 3, H, W] in 0..1, amounts [N] in -1..1, whose sign is the direction) -> changed photos.
Change = Callable[[Tensor, Tensor, Draw], Tensor]


def lamp(photos: Tensor, amount: Tensor, draw: Draw) -> Tensor:
    """More or less light: all values multiplied or divided by up to 1.25."""
    return photos * (LAMP ** _wide(amount))


def gamma(photos: Tensor, amount: Tensor, draw: Draw) -> Tensor:
    """Another tone curve: middle values change, black and white do not."""
    return photos.clamp_min(1e-4) ** (GAMMA ** -_wide(amount))


def contrast(photos: Tensor, amount: Tensor, draw: Draw) -> Tensor:
    """Harder or more diffuse light: values move away from the photo's mean, or towards it."""
    mean = photos.mean(dim=(1, 2, 3), keepdim=True)
    return mean + (photos - mean) * (1 + CONTRAST * _wide(amount))


def colour(photos: Tensor, amount: Tensor, draw: Draw) -> Tensor:
    """White balance: more red and less blue, or the other way round."""
    shift = torch.tensor([1.0, 0.0, -1.0], device=photos.device)[:, None, None]
    return photos * (1 + COLOUR * _wide(amount) * shift)


def askew(photos: Tensor, amount: Tensor, draw: Draw) -> Tensor:
    """A lamp that was moved: lighter on one side and darker on the other."""
    height, width = photos.shape[2:]
    angle = draw.uniform(len(photos), 1, 1, 1, high=2 * math.pi)
    y = torch.linspace(-1, 1, height, device=photos.device)[:, None]
    x = torch.linspace(-1, 1, width, device=photos.device)
    return photos * (1 + ASKEW * _wide(amount) * (angle.cos() * x + angle.sin() * y))


def noise(photos: Tensor, amount: Tensor, draw: Draw) -> Tensor:
    """Less light and more gain: pixel noise, the same in all channels of a grey photo."""
    grain = torch.randn(photos.shape, generator=draw.generator, device=draw.generator.device).to(photos)
    grain = torch.where(_wide(grey(photos)), grain[:, :1].expand_as(grain), grain)
    return photos + NOISE * _wide(amount).abs() * grain


def focus(photos: Tensor, amount: Tensor, draw: Draw) -> Tensor:
    """Slightly out of focus: blurred by a Gaussian of up to 1.2 px."""
    sigma = (FOCUS * amount.abs()).clamp_min(0.05)
    reach = max(_REACH, math.ceil(3 * float(sigma.max())))
    along = torch.arange(-float(reach), reach + 1.0, device=photos.device)
    kernel = torch.exp(-along.square() / (2 * sigma[:, None].square()))
    kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(3, 0)
    count, colours, height, width = photos.shape
    flat = functional.pad(photos, [reach] * 4, mode="reflect")
    flat = flat.reshape(1, count * colours, height + 2 * reach, width + 2 * reach)
    flat = functional.conv2d(flat, kernel[:, None, :, None], groups=len(kernel))
    flat = functional.conv2d(flat, kernel[:, None, None, :], groups=len(kernel))
    return flat.reshape(photos.shape)


CHANGES: dict[str, Change] = {
    one.__name__: one for one in (lamp, gamma, contrast, colour, askew, noise, focus)
}


def changed(photos: Tensor, name: str, strength: float, generator: torch.Generator) -> Tensor:
    """Photos [N, 3, H, W] in 0..1 after one change, in the opposite direction for every second one."""
    sign = 1.0 - 2.0 * (torch.arange(len(photos), device=photos.device) % 2)
    draw = Draw(generator, photos.device)
    return stored(CHANGES[name](photos, sign * strength / STRENGTHS[-1], draw))


def mixed(photos: Tensor, generator: torch.Generator) -> Tensor:
    """Photos [N, 3, H, W] in 0..1, each after one or two random changes of strengths up to 3."""
    draw = Draw(generator, photos.device)
    every = list(CHANGES.values())
    for share in (1.0, 0.5):
        which = draw.kinds(len(photos), [1.0] * len(every))
        amounts = draw.uniform(len(photos), low=-1.0)
        chosen = draw.uniform(len(photos)).cpu() < share
        photos = photos.clone()
        for kind, change in enumerate(every):
            these = ((which == kind) & chosen).nonzero()[:, 0].to(photos.device)
            if len(these):
                photos[these] = change(photos[these], amounts[these], draw)
    return stored(photos)


def grey(photos: Tensor) -> Tensor:
    """bool [N]: which photos [N, 3, H, W] in 0..1 have no colour."""
    return (photos.amax(1) - photos.amin(1)).flatten(1).amax(1) < 0.04


def stored(photos: Tensor) -> Tensor:
    """As a camera would store them: 8 bits, clipped to black and white."""
    return (photos.clamp(0, 1) * 255).round() / 255


def _wide(values: Tensor) -> Tensor:
    return values[:, None, None, None]
