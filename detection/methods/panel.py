"""Methods on patches and the networks above them, learned in one pass: several methods are made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from detection.learning.memory import give_back
from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods import marking
from detection.methods.lessons import LEAST, Maker
from detection.methods.patches import Measured, PatchMethod
from detection.methods.proof import Proof
from detection.methods.ways import NETWORKS, Ways
from detection.photos.image_cache import ImageCache

# Shares of the time: the measures, making examples, learning from them.
_MEASURED, _MADE = 0.05, 0.6


@dataclass(frozen=True, eq=False)
class Panel:
    """parts: by name, the filter bank first. networks, how: untaught where photos were too few to teach them;
    then there is no `proof`. seconds: of learning each part, and the networks."""

    parts: Mapping[str, Measured]
    networks: nn.ModuleList
    how: Fitted
    seconds: Mapping[str, float]
    proof: Proof | None = None

    @property
    def ways(self) -> Ways:
        first = next(iter(self.parts.values())).model
        nothing = torch.ones(1 + len(self.parts), device=first.device)
        return self.proof.ways if self.proof else Ways(tuple(self.parts), nothing)


def learn(methods: Sequence[PatchMethod], learned: ImageCache, watch: Watch) -> Panel:
    """methods: the filter bank first, with the options that the networks are taught by."""
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
        return Panel(parts, networks, Fitted(summary={"trust": None, "why": why}), seconds)
    start = watch.seconds
    lessons = Maker(methods, learned, marking.NETWORKS).make(watch.part(_MEASURED, _MADE))
    nothing, rest = learned.subset([]), watch.part(_MADE, 1)
    fitted = marking.teach(networks, lessons.examples, nothing, options, device, rest)
    seconds[NETWORKS] = watch.seconds - start
    counts = {"examples": len(lessons.examples), "photos": len(lessons.good)}
    how = Fitted(fitted.history, {**fitted.summary, **counts})
    return Panel(parts, networks, how, seconds, Proof(lessons, networks, tuple(parts)))
