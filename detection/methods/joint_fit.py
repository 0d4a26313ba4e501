"""Patch methods and the networks on top of them, trained in one pass, from which several methods are
combined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from detection.learning.memory import give_back
from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods import marking
from detection.methods.combine import NETWORKS, Combinations
from detection.methods.evidence import Evidence
from detection.methods.lessons import LEAST, Maker
from detection.methods.patches import Measured, PatchMethod
from detection.photos.image_cache import ImageCache

# Shares of the time after which the measures are learned and the examples are made.
_MEASURED, _MADE = 0.05, 0.6


@dataclass(frozen=True, eq=False)
class JointFit:
    """parts: by name, the filter bank first. networks, how: untrained if there are too few photos to train
    them; then there is no `evidence`. seconds: training time of each part, and of the networks."""

    parts: Mapping[str, Measured]
    networks: nn.ModuleList
    how: Fitted
    seconds: Mapping[str, float]
    evidence: Evidence | None = None

    @property
    def combinations(self) -> Combinations:
        first = next(iter(self.parts.values())).model
        nothing = torch.ones(1 + len(self.parts), device=first.device)
        return self.evidence.combinations if self.evidence else Combinations(tuple(self.parts), nothing)


def learn(methods: Sequence[PatchMethod], learned: ImageCache, watch: Watch) -> JointFit:
    """methods: the filter bank first, with the options for training the networks."""
    parts, seconds = {}, {}
    for method in methods:
        start = watch.seconds
        parts[method.name] = method.fit(learned, learned.subset([]), watch.part(0, _MEASURED))
        seconds[method.name] = watch.seconds - start
    give_back()
    options, device = methods[0].options, methods[0].device
    networks = marking.untaught(options, device)
    if len(learned) < LEAST:
        why = f"fewer than {LEAST} photos are not enough to train a network"
        return JointFit(parts, networks, Fitted(summary={"trust": None, "why": why}), seconds)
    start = watch.seconds
    lessons = Maker(methods, learned, marking.NETWORKS).make(watch.part(_MEASURED, _MADE))
    nothing, rest = learned.subset([]), watch.part(_MADE, 1)
    fitted = marking.teach(networks, lessons.examples, nothing, options, device, rest)
    seconds[NETWORKS] = watch.seconds - start
    counts = {"examples": len(lessons.examples), "photos": len(lessons.good)}
    how = Fitted(fitted.history, {**fitted.summary, **counts})
    return JointFit(parts, networks, how, seconds, Evidence(lessons, networks, tuple(parts)))
