"""The content of damage inside its shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from detection.damage.draw import Draw

# Photos whose channels differ by less than this everywhere are grey, and so is damage to them: colour would
# give it away.
_GREY = 0.04


class Fills:
    """Each fill maps photos [N, 3, H, W] to what could replace them, of the same shape."""

    def __init__(self, textures: Tensor, donors: Tensor | None, draw: Draw) -> None:
        self.textures = textures
        self.donors = donors
        self.draw = draw

    def paste(self, photos: Tensor) -> Tensor:
        """Another good photo, shifted; the photo itself where there is no other."""
        source: Sequence[Tensor] = photos.unbind()
        if self.donors is not None and len(self.donors):
            numbers = self.draw.integers(len(photos), len(self.donors)).tolist()
            source = [_as_large(self.donors[number], photos) for number in numbers]
        pasted = self._rolled(source, 0.1, 0.9)
        changed = self.draw.uniform(len(photos)) < 0.4
        return torch.where(changed[:, None, None, None], self.tint(pasted), pasted)

    def shift(self, photos: Tensor) -> Tensor:
        """The photo itself, shifted a little: bent, broken and misplaced parts."""
        return self._rolled(photos.unbind(), 0.02, 0.12)

    def flat(self, photos: Tensor) -> Tensor:
        return self.colours(photos)[:, :, None, None].expand_as(photos)

    def texture(self, photos: Tensor) -> Tensor:
        """Two colours mixed by noise: rust, dirt, mould."""
        one, other = self.colours(photos)[:, :, None, None], self.colours(photos)[:, :, None, None]
        return torch.lerp(one, other, (0.5 + 0.5 * self._fields(photos)).clamp(0, 1))

    def tint(self, photos: Tensor) -> Tensor:
        """Lighter, darker, or of another colour: stains, burns, wear."""
        count = len(photos)
        gain = 1 + self._sides(count, 0.12, 0.6)[:, None]
        shift = self.draw.uniform(count, 3, low=-0.12, high=0.12)
        shift = torch.where(_grey(photos)[:, None], shift.mean(1, keepdim=True), shift)
        return (photos * gain[:, :, None, None] + shift[:, :, None, None]).clamp(0, 1)

    def shade(self, photos: Tensor) -> Tensor:
        """Light and shadow by noise: dents, bumps, wrinkles."""
        strength = self.draw.uniform(len(photos), low=0.15, high=0.6)[:, None, None, None]
        return (photos * (1 + strength * self._fields(photos))).clamp(0, 1)

    def grain(self, photos: Tensor) -> Tensor:
        strength = self.draw.uniform(len(photos), low=0.04, high=0.2)[:, None, None, None]
        return (photos + strength * self._fields(photos, grain=True)).clamp(0, 1)

    def blur(self, photos: Tensor) -> Tensor:
        height, width = photos.shape[2:]
        coarse = functional.interpolate(photos, scale_factor=0.125, mode="area")
        return functional.interpolate(coarse, (height, width), mode="bilinear", align_corners=False)

    def colours(self, photos: Tensor) -> Tensor:
        """[N, 3]: a colour of the photo, one of its border (the background, for missing pieces), or any."""
        count, _, height, width = photos.shape
        rows, columns = self.draw.integers(count, height), self.draw.integers(count, width)
        source = self.draw.uniform(count)
        rows = torch.where(source < 0.2, rows.remainder(2) * (height - 1), rows)
        own = photos[torch.arange(count, device=photos.device), :, rows, columns]
        free = self.draw.uniform(count, 3)
        free = torch.where(_grey(photos)[:, None], free.mean(1, keepdim=True), free)
        plain = self.draw.uniform(count, low=-0.3, high=1.3).clamp(0, 1)[:, None].expand(-1, 3)
        foreign = torch.where((source < 0.7)[:, None], plain, free)
        return torch.where((source < 0.45)[:, None], own, foreign)

    def _fields(self, photos: Tensor, *, grain: bool = False) -> Tensor:
        """Noise [N, 1, H, W], each at a random offset. grain: the finest noise."""
        count, _, height, width = photos.shape
        kinds = self.draw.integers(count, len(self.textures))
        fields = self.textures[torch.zeros_like(kinds) if grain else kinds]
        side = fields.shape[1]
        rows = self.draw.integers(count, side)[:, None] + torch.arange(height, device=photos.device)
        columns = self.draw.integers(count, side)[:, None] + torch.arange(width, device=photos.device)
        each = torch.arange(count, device=photos.device)[:, None, None]
        return fields[each, rows.remainder(side)[:, :, None], columns.remainder(side)[:, None, :]][:, None]

    def _rolled(self, photos: Sequence[Tensor], least: float, most: float) -> Tensor:
        """Each photo shifted by a share of its sides, wrapping around: [N, 3, H, W]."""
        count, (height, width) = len(photos), photos[0].shape[1:]
        down = (self._sides(count, least, most) * height).round().long().tolist()
        right = (self._sides(count, least, most) * width).round().long().tolist()
        return torch.stack(
            [torch.roll(p, (y, x), (1, 2)) for p, y, x in zip(photos, down, right, strict=True)]
        )

    def _sides(self, count: int, least: float, most: float) -> Tensor:
        """[N] between least and most, half of them negative."""
        sign = self.draw.integers(count, 2) * 2 - 1
        return sign * self.draw.uniform(count, low=least, high=most)


Fill = Callable[[Fills, Tensor], Tensor]
# The fill, and its share.
Kinds = tuple[tuple[Fill, float], ...]
KINDS: Kinds = (
    (Fills.paste, 0.22),
    (Fills.shift, 0.12),
    (Fills.flat, 0.22),
    (Fills.texture, 0.14),
    (Fills.tint, 0.12),
    (Fills.shade, 0.08),
    (Fills.grain, 0.03),
    (Fills.blur, 0.07),
)


def _grey(photos: Tensor) -> Tensor:
    """[N]: which photos have no colour."""
    sample = photos[:, :, ::4, ::4]
    return (sample.amax(1) - sample.amin(1)).flatten(1).amax(1) < _GREY


def _as_large(donor: Tensor, photos: Tensor) -> Tensor:
    """A donor [3, H', W'], repeated and cut to the photos' shape if it differs."""
    height, width = photos.shape[2:]
    if donor.shape[1:] == (height, width):
        return donor
    return donor.repeat(1, -(-height // donor.shape[1]), -(-width // donor.shape[2]))[:, :height, :width]
