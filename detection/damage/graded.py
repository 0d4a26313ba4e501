"""Harmless changes of a whole photo by name, each at five strengths: light, sensor, lens and position.

Strengths 1 to 3 are those of `harmless`: hard to see, visible, somebody would repair the lamp. 4 and 5
continue in the same steps. After ImageNet-C (Hendrycks and Dietterich 2019, arXiv:1903.12261), with what
happens to cameras over parts in place of weather.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from detection.damage import harmless
from detection.damage.draw import Draw

STRENGTHS = (1, 2, 3, 4, 5)
_STEPS = harmless.STRENGTHS[-1]
# For each step of strength: shares, px of a photo as a model reads it, degrees, shares of a side.
_SHADOW, _MOTION, _TURN, _SHIFT, _SCALE, _DUST = 0.08, 1.5, 1.0, 0.01, 0.02, 0.05
_QUALITY = (90, 75, 60, 40, 20)
_SPECKS = 4
_SPECK = (0.01, 0.03)  # standard deviation, as a share of the shorter side
_SOFT = 0.01  # width of a shadow's edge, likewise
_BORDER = 0.15  # mirrored around a photo that is moved, as a share of the longer side


@dataclass(frozen=True, slots=True)
class View:
    """px: px of the photo for one of the photo as the model reads it. strength: negative for the opposite
    direction, such as darker instead of lighter."""

    strength: float
    px: float
    draw: Draw

    @property
    def amount(self) -> Tensor:
        """As `harmless` takes it."""
        return torch.tensor([self.strength / _STEPS])

    @property
    def amount_in_px(self) -> Tensor:
        return self.amount * self.px


# (photo [1, 3, H, W] in 0..1, how) -> changed photo.
Change = Callable[[Tensor, View], Tensor]


@dataclass(frozen=True, slots=True)
class Graded:
    """A change as people choose it. amounts: what each strength is. of_colour: it leaves grey photos as they
    are."""

    name: str
    title: str
    amounts: tuple[str, ...]
    change: Change
    of_colour: bool = False


def brightness(photo: Tensor, view: View) -> Tensor:
    return harmless.lamp(photo, view.amount, view.draw)


def contrast(photo: Tensor, view: View) -> Tensor:
    return harmless.contrast(photo, view.amount, view.draw)


def gamma(photo: Tensor, view: View) -> Tensor:
    return harmless.gamma(photo, view.amount, view.draw)


def white_balance(photo: Tensor, view: View) -> Tensor:
    """A camera without colour has none."""
    return photo if bool(harmless.grey(photo)) else harmless.colour(photo, view.amount, view.draw)


def uneven_light(photo: Tensor, view: View) -> Tensor:
    return harmless.askew(photo, view.amount, view.draw)


def shadow_edge(photo: Tensor, view: View) -> Tensor:
    """Something stands between lamp and part: darker beyond a straight edge through the middle of the
    photo."""
    y, x = _grid(photo)
    angle, apart = view.draw.uniform(1, high=2 * math.pi), view.draw.uniform(1, low=-0.5, high=0.5)
    beyond = torch.sigmoid((angle.cos() * x + angle.sin() * y - apart) / _SOFT)
    return photo * (1 - _SHADOW * abs(view.strength) * beyond)


def focus(photo: Tensor, view: View) -> Tensor:
    return harmless.focus(photo, view.amount_in_px, view.draw)


def motion(photo: Tensor, view: View) -> Tensor:
    """The part moved along the rows or the columns while the shutter was open."""
    length = max(1.0, _MOTION * abs(view.strength) * view.px)
    reach = math.ceil((length - 1) / 2)
    covered = (length / 2 + 0.5 - torch.arange(-reach, reach + 1).abs()).clamp(0, 1)
    across = bool(view.draw.integers(1, 2))
    kernel = (covered / covered.sum()).reshape((1, 1, 1, -1) if across else (1, 1, -1, 1))
    sides = [reach, reach, 0, 0] if across else [0, 0, reach, reach]
    wide = functional.pad(photo, sides, mode="reflect").transpose(0, 1)
    return functional.conv2d(wide, kernel).transpose(0, 1)


def noise(photo: Tensor, view: View) -> Tensor:
    return harmless.noise(photo, view.amount_in_px, view.draw)


def jpeg(photo: Tensor, view: View) -> Tensor:
    from torchvision.transforms import v2  # slow to load, and no verdict far from its limits needs it

    quality = _QUALITY[round(abs(view.strength)) - 1]
    pixels: Tensor = v2.functional.jpeg((harmless.stored(photo) * 255).round().byte()[0], quality)
    return pixels[None] / 255


def turn(photo: Tensor, view: View) -> Tensor:
    return moved(photo, degrees=_TURN * view.strength)


def shift(photo: Tensor, view: View) -> Tensor:
    height, width = photo.shape[2:]
    share, sign = _SHIFT * view.strength, 1 - 2 * int(view.draw.integers(1, 2))
    return moved(photo, right=share * width, down=sign * share * height)


def scale(photo: Tensor, view: View) -> Tensor:
    """The camera is nearer or further away."""
    return moved(photo, times=1 + _SCALE * view.strength)


def dust(photo: Tensor, view: View) -> Tensor:
    """Specks on the lens: soft, darker spots at random places."""
    shade = torch.ones_like(photo[:, :1])
    y, x = _grid(photo)
    for _ in range(_SPECKS):
        row, column = view.draw.uniform(1, low=-0.9, high=0.9), view.draw.uniform(1, low=-0.9, high=0.9)
        size = 2 * view.draw.uniform(1, low=_SPECK[0], high=_SPECK[1])
        apart = (y - row * y.max()).square() + (x - column * x.max()).square()
        shade = shade * (1 - _DUST * abs(view.strength) * torch.exp(-apart / (2 * size.square())))
    return photo * shade


def _grid(photo: Tensor) -> tuple[Tensor, Tensor]:
    """y [H, 1] and x [W] of each pixel from the middle; the shorter side is from -1 to 1."""
    height, width = photo.shape[2:]
    y, x = (torch.linspace(-1, 1, side) * (side / min(height, width)) for side in (height, width))
    return y[:, None], x


def moved(
    photo: Tensor, *, degrees: float = 0.0, right: float = 0.0, down: float = 0.0, times: float = 1.0
) -> Tensor:
    """Turned, shifted (px) and scaled about its middle; what comes in from outside mirrors the border."""
    from torchvision.transforms import v2

    edge = math.ceil(_BORDER * max(photo.shape[2:]))
    sides = [min(edge, photo.shape[3] - 1)] * 2 + [min(edge, photo.shape[2] - 1)] * 2
    wide = functional.pad(photo, sides, mode="reflect")
    bilinear = v2.InterpolationMode.BILINEAR
    moved: Tensor = v2.functional.affine(
        wide, degrees, [right, down], times, [0.0, 0.0], interpolation=bilinear
    )
    return moved[:, :, sides[2] : -sides[3], sides[0] : -sides[1]]


def _steps(text: str, of_step: Callable[[int], float]) -> tuple[str, ...]:
    return tuple(text.format(of_step(strength)) for strength in STRENGTHS)


def _factor(most: float) -> Callable[[int], float]:
    return lambda strength: most ** (strength / _STEPS)


def _share(most: float) -> Callable[[int], float]:
    return lambda strength: most * strength / _STEPS


def _each(step: float) -> Callable[[int], float]:
    return lambda strength: step * strength


_ALL = (
    Graded(
        "brightness", "Brightness", _steps("times or divided by {:.2f}", _factor(harmless.LAMP)), brightness
    ),
    Graded("contrast", "Contrast", _steps("± {:.0f} %", _share(100 * harmless.CONTRAST)), contrast),
    Graded("gamma", "Gamma", _steps("exponent {:.2f}, or 1 by it", _factor(harmless.GAMMA)), gamma),
    Graded(
        *("white_balance", "White balance", _steps("red and blue ± {:.1f} %", _share(100 * harmless.COLOUR))),
        white_balance,
        of_colour=True,
    ),
    Graded(
        "uneven_light",
        "Uneven light",
        _steps("± {:.0f} % from side to side", _share(100 * harmless.ASKEW)),
        uneven_light,
    ),
    Graded("shadow_edge", "Shadow edge", _steps("{:.0f} % darker", _each(100 * _SHADOW)), shadow_edge),
    Graded("focus", "Focus blur", _steps("Gaussian of {:.1f} px", _share(harmless.FOCUS)), focus),
    Graded("motion", "Motion blur", _steps("{:.1f} px", _each(_MOTION)), motion),
    Graded("noise", "Noise", _steps("{:.0f} grey levels", _share(255 * harmless.NOISE)), noise),
    Graded("jpeg", "JPEG", tuple(f"quality {quality}" for quality in _QUALITY), jpeg),
    Graded("turn", "Small turn", _steps("± {:.0f}°", _each(_TURN)), turn),
    Graded("shift", "Shift", _steps("{:.0f} % of each side", _each(100 * _SHIFT)), shift),
    Graded("scale", "Scale", _steps("± {:.0f} %", _each(100 * _SCALE)), scale),
    Graded("dust", "Dust on the lens", _steps("4 specks, {:.0f} % darker", _each(100 * _DUST)), dust),
)
CHANGES: dict[str, Graded] = {one.name: one for one in _ALL}


def changed(photo: Tensor, name: str, strength: int, *, number: int, px: float, seed: int = 0) -> Tensor:
    """A photo [1, 3, H, W] in 0..1 after one change. px: see `View`.

    number: of the photo among others. Every second one is changed in the opposite direction, and each has its
    own chance: where a shadow falls, for example, does not depend on the strength.
    """
    chance = torch.Generator().manual_seed((seed * len(_ALL) + list(CHANGES).index(name)) * 100_003 + number)
    view = View(-strength if number % 2 else strength, px, Draw(chance, photo.device))
    return harmless.stored(CHANGES[name].change(photo, view))
