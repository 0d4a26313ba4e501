"""Combine the measures of patches and the marks of networks into anomaly maps, by the name of each method."""

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

# Name of the networks in a combination; their marks multiply the measures of the filter bank.
NETWORKS = "unet-features"
FILTERS = "plain-filterbank"  # the input of the networks
# The networks' map counts at most as its square root: with full weight it would detect about as much damage
# of reserved kinds, but defects that only the measures see would be lost. With less evidence it counts as a
# higher root.
WEIGHTS = (0.5, 0.25, 0.125)
# Added to their map in units of good photos, so that the measures count where no damage is marked.
_FLOOR = 0.01
# From the products of each part's measures [..., parts, h, w] and the networks' marks [..., h, w] to a map
# [..., h, w].
Combination = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class HeldOutMaps:
    """The maps of all parts for a photo that they have not learned from; see `Combination`."""

    products: Tensor
    marks: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Combinations:
    """parts: the measuring parts, the filter bank first. usual: usual scores of good photos [1 + parts]:
    of the filter bank, of the networks, and of each further part."""

    parts: tuple[str, ...]
    usual: Tensor

    def usual_of(self, part: str) -> Tensor:
        return self.usual[self._place(part)]

    def only(self, parts: Sequence[str]) -> Combinations:
        """With only these parts, the filter bank first."""
        places = [0, 1, *(self._place(part) for part in parts[1:])]
        return Combinations(tuple(parts), self.usual[places])

    def of(self, name: str, weight: float = WEIGHTS[0]) -> Combination:
        """The combination of the method of that name; for several joined by +, the geometric mean of their
        maps, each divided by its usual score. weight: the exponent of the networks' marks."""
        each = [self._member(member, weight) for member in name.split(SIGN)]

        def together(products: Tensor, marks: Tensor) -> Tensor:
            maps = torch.stack([combination(products, marks) for combination in each])
            return maps.prod(dim=0) ** (1 / len(each))

        return each[0] if len(each) == 1 else together

    def _member(self, name: str, weight: float) -> Combination:
        place = 0 if name == NETWORKS else self.parts.index(name)
        usual = self.usual_of(self.parts[place])

        def measured(products: Tensor, marks: Tensor) -> Tensor:
            return products[..., place, :, :] / usual

        def marked(products: Tensor, marks: Tensor) -> Tensor:
            return measured(products, marks) * (marks / self.usual[1] + _FLOOR) ** weight

        return marked if name == NETWORKS else measured

    def _place(self, part: str) -> int:
        """The position of its usual score."""
        number = self.parts.index(part)
        return number + 1 if number else 0


def without_networks(name: str) -> str:
    """The name of a method if its networks are not used."""
    return name.replace(NETWORKS, FILTERS)


def levelled(combination: Combination, own: Level) -> Combination:
    return lambda products, marks: own.even(combination(products, marks))


def shown(combination: Combination, photos: Sequence[HeldOutMaps]) -> Tensor:
    """See `level.shown`."""
    return level.shown(torch.stack([combination(seen.products, seen.marks) for seen in photos]))


def scores(combination: Combination, photos: Sequence[HeldOutMaps]) -> Scores:
    """As in `judge`: from maps of the size of the photos."""
    maps = [combination(seen.products, seen.marks) for seen in photos]
    large = [on_grid(one[None, None], (8 * one.shape[0], 8 * one.shape[1]))[0] for one in maps]
    return np.array([float(topk_error(one)) for one in large])
