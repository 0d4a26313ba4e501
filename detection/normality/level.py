"""A photo's own level: a change that raises its whole map, such as other light, is divided out.

Under an aged lamp every patch of a good part looks a little unusual, all about equally: the whole map is a
multiple of what it was, and so is the score. Damage raises the map only where it is. How much of a raised
level may be divided out differs between parts, so it is learned without labels: from good photos that were
not learned from, and copies of them with harmless changes (`detection.damage.harmless`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from detection.verdicts.scoring import topk_error

# Photos that are copied, at least and at most; copies of each; and how many photos are needed.
FEW, MOST, COPIES = 8, 16, 3
LEAST = 4
# Up to the level of nine in ten good photos there is no excess: differences among good photos are due to the
# part, not the light, and scores hardly follow them. By the quantile, or by the median and 1.28 robust
# deviations if that is less, because with few photos one odd photo would be the quantile.
_USUAL, _DEVIATIONS = 0.9, 1.28 * 1.4826
# If the squared excesses (of logarithms) sum up to this, the evidence weighs as much as the assumption that
# scores do not follow the level: one copy whose map is raised by a quarter.
_THIN = 0.05


@dataclass(frozen=True, slots=True)
class Level:
    """share: the share of the excess that is divided out: map / (level / exp(start))^share. start: the
    logarithm of the level where excess begins. most: the largest excess that is divided out, a difference
    of logarithms: that of harmless copies. Damage that covers most of a photo raises its level, too, and
    must not vanish. usual: the logarithm of the level of the typical good photo."""

    share: float = 0.0
    start: float = 0.0
    most: float = 0.0
    usual: float = 0.0

    @property
    def learned(self) -> bool:
        """Whether there were enough good photos."""
        return bool(self.start or self.usual)

    def even(self, maps: Tensor, some: Tensor | None = None) -> Tensor:
        """Maps [..., h, w], each divided by the excess of its own level. some: values [..., k] of each that
        the level is taken from, instead of all."""
        if not self.share:
            return maps
        # Without gradient: a median depends on one place, and no explanation should point there.
        seen = (maps if some is None else some[..., None]).detach()
        excess = (levels(seen) - self.start).clamp(0, self.most)
        return maps * torch.exp(-self.share * excess)[..., None, None]

    def tensor(self) -> Tensor:
        """float32 [4], for `Model.pack`."""
        return torch.tensor([self.share, self.start, self.most, self.usual])

    @classmethod
    def of(cls, stored: Tensor | None) -> Self:
        """The reverse of `tensor`; older runs have no level and divide nothing out."""
        return cls() if stored is None else cls(*stored.tolist())


NOTHING = Level()


def levels(maps: Tensor) -> Tensor:
    """The logarithm of the median of maps [..., h, w], which are >= 0: [...]."""
    return maps.flatten(-2).median(dim=-1).values.clamp_min(1e-12).log()


def shown(maps: Tensor) -> Tensor:
    """Level and score of maps [N, h, w], both as logarithms: float64 [N, 2]."""
    scores = topk_error(maps).clamp_min(1e-12).log()
    return torch.stack([levels(maps), scores], dim=1).double().cpu()


def drawn(count: int, generator: torch.Generator) -> list[int]:
    """The numbers of the photos that are copied: few of `count`, because it takes time."""
    some = min(MOST, max(FEW, count // 8))
    return torch.randperm(count, generator=generator)[:some].sort().values.tolist()


def learn(pictures: Tensor) -> Level:
    """From `shown` of good photos, [P, 1 + K, 2]: of each as it is, and of its K copies with harmless
    changes, all by measures that had not learned from the photo.

    The share is the slope of the line through the origin fitted to the rise of the score of a copy against
    the rise of its excess; 0 to 1, and nearer to 0 if copies have hardly any excess.
    """
    if len(pictures) < LEAST or not bool(pictures.isfinite().all()):
        return Level()
    plain = pictures[:, 0, 0]
    usual = float(plain.quantile(0.5))
    spread = float((plain - usual).abs().quantile(0.5))
    start = min(float(plain.quantile(_USUAL)), usual + _DEVIATIONS * spread)
    excess = (pictures[:, :, 0] - start).clamp_min(0)
    more = (excess[:, 1:] - excess[:, :1]).clamp_min(0)
    risen = pictures[:, 1:, 1] - pictures[:, :1, 1]
    share = float((more * risen).sum() / (more.square().sum() + _THIN))
    return Level(min(max(share, 0.0), 1.0), start, float(excess[:, 1:].max()), usual)
