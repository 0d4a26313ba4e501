"""What a cascade is tried on: copies of good photos that are still good parts, and copies with damage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle, islice

import torch
from torch import Tensor

from detection.damage import Damage, apart, graded, harmless, masks
from detection.damage.draw import Draw
from detection.photos.image_cache import ImageCache

# Number of copies in total, and the least number of each kind per photo.
GOOD, DAMAGED, LEAST = 160, 200, 2
_BATCH = 8
# What differs from one good photo to the next where parts do not lie in exactly the same way.
_DEGREES, _SHIFT = 1.5, 0.008

# (good photos [N, 3, H, W] in 0..1, others to paste from) -> changed ones.
Copy = Callable[[Tensor, Tensor], Tensor]


def good(photos: ImageCache, device: torch.device, seed: int) -> Iterator[Tensor]:
    """Batches [N, 3, H, W] in 0..1, N <= 8: turned and shifted a little, or in other light. Not the photos
    themselves: the model has learned from them, and finds them too usual."""
    generator = torch.Generator().manual_seed(seed)
    kinds: tuple[Copy, ...] = (
        lambda some, donors: _moved(some, generator),
        lambda some, donors: harmless.mixed(some, generator),
    )
    return _made(photos, device, kinds, GOOD, generator)


def damaged(photos: ImageCache, device: torch.device, size: int, seed: int) -> Iterator[Tensor]:
    """The same with damage of the reserved kinds, every second one thin."""
    generator = torch.Generator().manual_seed(seed)
    broad = Damage(size, seed, device, apart.KINDS)
    thin = Damage(size, seed + 1, device, apart.THIN, masks.thin)
    kinds: tuple[Copy, ...] = (
        lambda some, donors: broad(some, donors, generator, 0.0)[0],
        lambda some, donors: thin(some, donors, generator, 0.0)[0],
    )
    return _made(photos, device, kinds, DAMAGED, generator)


def _made(
    photos: ImageCache, device: torch.device, kinds: tuple[Copy, ...], total: int, generator: torch.Generator
) -> Iterator[Tensor]:
    each = max(LEAST, round(total / len(photos)))
    for numbers, some in photos.batches(_BATCH, device):
        # Of the same shape: with methods that keep the aspect, photos may differ.
        donors = some.roll(1, 0) if len(numbers) > 1 else some
        for kind in islice(cycle(kinds), each):
            yield harmless.stored(kind(some, donors))


def _moved(photos: Tensor, generator: torch.Generator) -> Tensor:
    by = Draw(generator, photos.device).uniform(len(photos), 3, low=-1.0).tolist()
    height, width = photos.shape[2:]
    moved = [
        graded.moved(
            photo[None], degrees=_DEGREES * turn, right=_SHIFT * right * width, down=_SHIFT * down * height
        )
        for photo, (turn, right, down) in zip(photos, by, strict=True)
    ]
    return torch.cat(moved)
