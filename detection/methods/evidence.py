"""How well each combination works on photos that no part of it has learned from, as they are and damaged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from detection.methods import marking, trust
from detection.methods.combine import (
    NETWORKS,
    WEIGHTS,
    Combination,
    Combinations,
    HeldOutMaps,
    levelled,
    scores,
    shown,
    without_networks,
)
from detection.methods.lessons import HeldOutFeatures, Lessons
from detection.methods.trust import Trust
from detection.metrics.separation import Both
from detection.normality import level
from detection.normality.level import Level
from detection.verdicts.scoring import topk_error


@dataclass(frozen=True, slots=True)
class Trial:
    """The result of one combination. level: how its maps follow a photo's own level. scores: of undamaged
    photos, the last of them copies with harmless changes, and of damaged copies.

    trust: how much the networks help, None where they are not used. weight: their best exponent. by_weight:
    level and scores without them (0), and with each weight.
    """

    level: Level
    scores: Both
    trust: Trust | None = None
    weight: float = WEIGHTS[0]
    by_weight: dict[float, tuple[Level, Both]] = field(default_factory=dict)


class Evidence:
    """Good photos, copies of some with harmless changes (`lit`), and copies with reserved kinds of damage,
    each seen by parts and a network that have not learned from it.

    damaged: the damaged share of each damaged copy. marks: for each photo by number, the marks [h, w] of the
    network that never saw it; empty if some photos were left out.
    """

    def __init__(self, lessons: Lessons, networks: nn.ModuleList, parts: Sequence[str]) -> None:
        good, self._damaged = _seen(lessons, lessons.good, networks), _seen(lessons, lessons.probes, networks)
        lit = _seen(lessons, lessons.lit, networks)
        plain = {look.image: seen for look, seen in zip(lessons.good, good, strict=True)}
        # Each fold has a scale of its own: a photo is compared with copies from the same fold.
        same = [seen for image, seen in plain.items() if image in lessons.probed]
        self._whole = [*same, *lit]
        self._pairs = [(plain[look.image], seen) for look, seen in zip(lessons.lit, lit, strict=True)]
        self.lit = len(lit)
        self.damaged = [look.damaged for look in lessons.probes]
        self.marks = {image: seen.marks for image, seen in plain.items()} if lessons.complete else {}
        self.combinations = Combinations(tuple(parts), _usual(good, len(parts)))
        self._trials: dict[str, Trial] = {}

    def trial(self, name: str) -> Trial:
        """The trial of the method of that name, combined from these parts."""
        if name not in self._trials:
            with torch.inference_mode():
                self._trials[name] = self._weighed(name) if NETWORKS in name else self._plain(name)
        return self._trials[name]

    def _plain(self, name: str) -> Trial:
        return Trial(*self._tried(self.combinations.of(name)))

    def _weighed(self, name: str) -> Trial:
        """With the best weight for the networks."""
        alone = self.trial(without_networks(name))
        tried = {weight: self._tried(self.combinations.of(name, weight)) for weight in WEIGHTS}
        deserved = trust.decide(alone.scores, {weight: both for weight, (_, both) in tried.items()}, self.lit)
        own, both = tried[deserved.weight]
        return Trial(own, both, deserved, deserved.weight, {0.0: (alone.level, alone.scores), **tried})

    def _tried(self, combination: Combination) -> tuple[Level, Both]:
        own = level.learn(torch.stack([shown(combination, pair) for pair in self._pairs]))
        even = levelled(combination, own)
        return own, (scores(even, self._whole), scores(even, self._damaged))


def _seen(lessons: Lessons, looks: Sequence[HeldOutFeatures], networks: nn.ModuleList) -> list[HeldOutMaps]:
    """With the marks of the network that has not learned from the photo."""
    maps = []
    with torch.inference_mode():
        for look in looks:
            network = networks[lessons.examples.groups[look.image]]
            device = next(network.parameters()).device
            marks = marking.marks(network, look.features.to(device).float()[None])[0]
            maps.append(HeldOutMaps(look.products.to(device), marks))
    return maps


def _usual(good: Sequence[HeldOutMaps], parts: int) -> Tensor:
    """See `Combinations.usual`."""
    with torch.inference_mode():
        marked = torch.cat([topk_error(seen.marks[None]) for seen in good])
        measured = [torch.cat([topk_error(seen.products[n : n + 1]) for seen in good]) for n in range(parts)]
        first, *others = [one.mean() for one in measured]
        return torch.stack([first, marked.median() + 1e-3, *others])
