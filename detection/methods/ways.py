"""The maps that can be made of what measures of patches and networks say of the same photo, by the name of
the method that each is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from detection.methods.fusion import SIGN
from detection.metrics.separation import Scores
from detection.normality import level
from detection.normality.level import Level
from detection.normality.place import on_grid
from detection.verdicts.scoring import topk_error

# The networks' part in a way; what it marks counts on top of what the filter bank measures.
NETWORKS = "unet-features"
FILTERS = "plain-filterbank"  # which the networks read
# What the network says counts at most as a square root: of damage kept apart it finds about as much with full
# weight, and no defect that only the measures see gets lost. As a lesser root where it proves less.
WEIGHTS = (0.5, 0.25, 0.125)
# Added to its map in units of good photos, so that where it is sure of nothing the measures still count.
_FLOOR = 0.01
# The map of photos, [..., h, w], from the products of the measures of each part [..., parts, h, w] and the
# networks' marks [..., h, w].
Way = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Seen:
    """What all parts say of a photo they have not learned from; see `Way`."""

    products: Tensor
    marks: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """parts: whose measures there are, the filter bank first. usual: what is usual of good photos
    [1 + parts]: the score of the filter bank, that of the networks, and that of each further part."""

    parts: tuple[str, ...]
    usual: Tensor

    def usual_of(self, part: str) -> Tensor:
        return self.usual[self._place(part)]

    def only(self, parts: Sequence[str]) -> Ways:
        """With these parts alone, the filter bank first among them."""
        places = [0, 1, *(self._place(part) for part in parts[1:])]
        return Ways(tuple(parts), self.usual[places])

    def of(self, name: str, weight: float = WEIGHTS[0]) -> Way:
        """The way of the method of that name; of several joined by +, the geometric mean of their maps, each
        in units of what is usual. weight: the exponent of the networks' marks."""
        each = [self._member(member, weight) for member in name.split(SIGN)]

        def together(products: Tensor, marks: Tensor) -> Tensor:
            maps = torch.stack([way(products, marks) for way in each])
            return maps.prod(dim=0) ** (1 / len(each))

        return each[0] if len(each) == 1 else together

    def _member(self, name: str, weight: float) -> Way:
        place = 0 if name == NETWORKS else self.parts.index(name)
        usual = self.usual_of(self.parts[place])

        def measured(products: Tensor, marks: Tensor) -> Tensor:
            return products[..., place, :, :] / usual

        def marked(products: Tensor, marks: Tensor) -> Tensor:
            return measured(products, marks) * (marks / self.usual[1] + _FLOOR) ** weight

        return marked if name == NETWORKS else measured

    def _place(self, part: str) -> int:
        """Of its usual score."""
        number = self.parts.index(part)
        return number + 1 if number else 0


def without_networks(name: str) -> str:
    """What a method is where the networks have no say."""
    return name.replace(NETWORKS, FILTERS)


def levelled(way: Way, own: Level) -> Way:
    return lambda products, marks: own.even(way(products, marks))


def shown(way: Way, photos: Sequence[Seen]) -> Tensor:
    """See `level.shown`."""
    return level.shown(torch.stack([way(seen.products, seen.marks) for seen in photos]))


def scores(way: Way, photos: Sequence[Seen]) -> Scores:
    """As `judge` gives them: of maps as large as the photos were."""
    found = [way(seen.products, seen.marks) for seen in photos]
    large = [on_grid(one[None, None], (8 * one.shape[0], 8 * one.shape[1]))[0] for one in found]
    return np.array([float(topk_error(one)) for one in large])
