"""Scores with gradients: what attributions are computed on. `Model.judge` keeps none, to be fast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor, nn

# Feature maps of images, and from these and the images' height and width to scores.
Features = Callable[[Tensor], tuple[Tensor, ...]]
Score = Callable[[tuple[Tensor, ...], tuple[int, int]], Tensor]


class Traced(nn.Module):
    """Images [N, 3, H, W] in 0..1 -> scores [N]. probes: by name, modules whose output a score can be
    attributed to: feature maps, the one with the largest patches last."""

    probes: nn.ModuleDict


class TracedFeatures(Traced):
    """Of methods that score feature maps: each map passes a probe. names: of the maps, in their order."""

    def __init__(self, features: Features, score: Score, names: Sequence[str]) -> None:
        super().__init__()
        self._features, self._score = features, score
        self.probes = nn.ModuleDict({name: nn.Identity() for name in names})

    def forward(self, images: Tensor) -> Tensor:
        maps = zip(self.probes.values(), self._features(images), strict=True)
        passed = tuple(probe(one) for probe, one in maps)
        return self._score(passed, (images.shape[2], images.shape[3]))


class TracedNetwork(Traced):
    """Of methods that are a UNet. network: has `down` and `merge`, lists of modules. score: from images and
    the network's output."""

    def __init__(self, network: Any, score: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self._score = score
        self.network: nn.Module = network
        self.probes = nn.ModuleDict({"last": network.merge[-1], "deepest": network.down[-1]})

    def forward(self, images: Tensor) -> Tensor:
        return self._score(images, self.network(images))
