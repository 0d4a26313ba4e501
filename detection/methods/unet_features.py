"""`unet-features`: a small UNet that reads what `filterbank` measures and marks what looks damaged."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from detection.errors import BadArtifact
from detection.learning import annealing
from detection.learning.memory import give_back
from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods import trust
from detection.methods.base import Judged, Method
from detection.methods.lessons import LEAST, Effort, Lessons, Look, Maker, crosses_up_to, features_of
from detection.methods.patches import DIMENSIONS, FilterbankMethod, PatchMethod, within
from detection.methods.trust import Trust
from detection.metrics.separation import Both, Scores
from detection.networks.marker import Marker
from detection.normality import level
from detection.normality.level import Level
from detection.normality.place import on_grid
from detection.normality.turns import Turns
from detection.photos.image_cache import ImageCache
from detection.photos.images import PLAIN, Levels
from detection.photos.region import Region
from detection.types import TrainOptions
from detection.verdicts.scoring import topk_error

NAME = "unet-features"
# Each network learns from the photos of all groups but its own: so each photo has one that never saw it.
NETWORKS = 2
# Damaged places are rare. (Taken out of the map again.)
_MARKED = 5.0
# What the network says counts at most as a square root: of damage kept apart it finds about as much with full
# weight, and no defect that only the measures see gets lost. As a lesser root where it proves less.
WEIGHTS = (0.5, 0.25, 0.125)
# Added to its map in units of good photos, so that where it is sure of nothing the measures still count.
_FLOOR = 0.01
# Shares of the time: the measures, making examples, learning from them.
_MEASURED, _MADE = 0.05, 0.6
# The map of photos, [..., h, w], from the products of the measures of each part [..., parts, h, w] and the
# network's marks [..., h, w].
Way = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Seen:
    """What all parts say of a photo they have not learned from; see `Way`."""

    products: Tensor
    marks: Tensor


@dataclass(slots=True)
class Tried:
    """How each way does on photos that nothing in it has learned from, by the name of the method that it is.

    scores: of good photos, as they are and then `lit` copies with harmless changes, and of copies with
    damage of kinds kept apart. damaged: the share of each
    copy that is. proof: by the way that has them, level and scores without the networks (0) and with them, by
    their weight. marks: what the network that never saw a photo marks on it [h, w], by number; none if
    some photos were left out.
    seconds, summaries: of learning, of each part.
    """

    scores: dict[str, Both] = field(default_factory=dict)
    damaged: list[float] = field(default_factory=list)
    proof: dict[str, dict[float, tuple[Level, Both]]] = field(default_factory=dict)
    lit: int = 0
    marks: dict[int, Tensor] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    summaries: dict[str, dict[str, Any]] = field(default_factory=dict)


class UNetFeatures(Method):
    """Anomaly map: the product of the three measures of `filterbank` and, where the network can be
    trusted, the square root (or fourth or eighth root) of how sure it is of damage, each in units of good
    photos. Score: the mean of the largest 1 %.

    The network is trusted as far as it helps to tell good photos it has not learned from, also in other
    light (`harmless`), from copies of them with kinds of damage it has not learned (`damage.apart`),
    beyond what chance explains: see `trust`. No label is looked at.
    """

    name = NAME
    keeps_aspect: ClassVar[bool] = True
    crops: ClassVar[bool] = True
    turns_photos: ClassVar[bool] = True

    def __init__(self, options: TrainOptions, device: torch.device) -> None:
        super().__init__(options, device)
        self.base = FilterbankMethod(options, device)
        self.networks = self._networks()
        self.trusted = False
        # The exponent of the network's map, by the name of the way.
        self.weights: dict[str, float] = {}
        # What is usual of good photos: the score of the measures, and the network's.
        self.usual = torch.ones(2, device=device)
        # Of the maps of each way, by its name; see `normality.level`.
        self.own_levels: dict[str, Level] = {}
        self.tried = Tried()

    @property
    def crosses_up_to(self) -> int:
        return crosses_up_to(self.options.size)

    @property
    def parts(self) -> tuple[PatchMethod, ...]:
        """The methods beneath: the filter bank first."""
        return (self.base,)

    @property
    def without(self) -> str:
        """What it is where the network has no say."""
        return self.name.replace(NAME, FilterbankMethod.name)

    def with_geometry(self, region: Region | None, turns: Turns, levels: Levels = PLAIN) -> Self:
        for part in self.parts:
            part.with_geometry(region, turns, levels)
        return super().with_geometry(region, turns, levels)

    def ways(self, weight: float | None = None) -> dict[str, Way]:
        """The methods that can be made of what it sees, itself among them, by name; the networks with this
        weight, or else with the one that each way gives them."""
        return {FilterbankMethod.name: self._measured, NAME: self._marked(weight or self.weight(NAME))}

    def weight(self, name: str) -> float:
        """Of the networks in the way of this name; runs from before there were several have the largest."""
        return self.weights.get(name, WEIGHTS[0])

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Fitted:
        self.tried, self.trusted, self.own_levels, self.weights = Tried(), False, {}, {}
        for part in self.parts:
            start = time.monotonic()
            measured = part.fit(learned, held_back, watch.part(0, _MEASURED)).summary
            self.tried.summaries[part.name] = measured
            self.tried.seconds[part.name] = time.monotonic() - start
        give_back()
        # The last one's: a partner tells its weights.
        summary = dict(measured)
        if len(learned) < LEAST:
            why = f"fewer than {LEAST} photos are not enough to train a network"
            return Fitted(summary={**summary, "trust": None, "why": why})
        start = time.monotonic()
        lessons = Maker(self.parts, learned, NETWORKS, self.options, Effort()).make(
            watch.part(_MEASURED, _MADE)
        )
        fitted = self._teach(lessons, learned.subset([]), watch.part(_MADE, 1))
        self.tried.seconds[NAME] = time.monotonic() - start
        with torch.inference_mode():
            found = self._try(lessons)
        self.trusted = found.trusted
        counts = {"examples": len(lessons.examples), "photos": len(lessons.good)}
        return Fitted(fitted.history, {**summary, **fitted.summary, **counts, "trust": found.as_dict()})

    def judge(self, images: Tensor) -> Judged:
        with torch.inference_mode():
            features, product = features_of(self.base, images)
            others = [features_of(part, images)[1] for part in self.parts[1:]]
            marks = torch.zeros_like(product)
            if self.trusted:
                marks = torch.stack([self._marks(network, features) for network in self.networks]).mean(dim=0)
            found = self._way(torch.stack([product, *others], dim=1), marks)
            maps = on_grid(found[:, None], (images.shape[2], images.shape[3]))[:, 0]
            return Judged(topk_error(maps), maps)

    def crossed_scores(self, learned: ImageCache, watch: Watch) -> list[float] | None:
        marks = self.tried.marks
        if self.trusted and len(marks) < len(learned):
            return None
        found = [0.0] * len(learned)
        for each in zip(*(part.unlearned(learned, watch) for part in self.parts), strict=True):
            number = each[0][0]
            products = [
                part.product(measures[None])[0] for part, (_, measures) in zip(self.parts, each, strict=True)
            ]
            # What the measures dislike is not what the network reads; its marks are of a fit on other folds.
            seen = Seen(torch.stack(products), marks.get(number, torch.zeros_like(products[0])))
            found[number] = float(scores(self._way, [seen])[0])
        return found

    def tensors(self) -> dict[str, Tensor]:
        base = {f"base.{name}": value for name, value in self.base.tensors().items()}
        networks = {f"networks.{name}": value for name, value in self.networks.state_dict().items()}
        said = {"trusted": torch.tensor(self.trusted), "weight": torch.tensor(self.weight(self._used))}
        level = self.own_levels.get(self._used, Level())
        return {**base, **networks, "usual": self.usual, **said, "level": level.tensor()}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        self.base.restore(within(tensors, "base."))
        try:
            self.networks.load_state_dict(within(tensors, "networks."))
            self.usual = tensors["usual"].to(self.device)
            self.trusted = bool(tensors["trusted"])
            self.own_levels = {self._used: Level.of(tensors.get("level"))}
            self.weights = {self._used: float(tensors.get("weight", torch.tensor(WEIGHTS[0])))}
        except (RuntimeError, KeyError) as error:
            raise BadArtifact(
                f"The weights do not fit two networks of width {self.options.width}."
            ) from error
        self.networks.eval()

    @property
    def _used(self) -> str:
        return self.name if self.trusted else self.without

    @property
    def _way(self) -> Way:
        return levelled(self.ways()[self._used], self.own_levels.get(self._used, Level()))

    def _measured(self, products: Tensor, marks: Tensor) -> Tensor:
        return products[..., 0, :, :] / self.usual[0]

    def _marked(self, weight: float) -> Way:
        return lambda products, marks: (
            self._measured(products, marks) * (marks / self.usual[1] + _FLOOR) ** weight
        )

    def _marks(self, network: nn.Module, features: Tensor) -> Tensor:
        """How sure a network is that a place is damaged, -ln(1 - probability), in nats: [N, h, w]."""
        odds = network(features.contiguous(memory_format=torch.channels_last))
        return functional.softplus(odds - math.log(_MARKED))

    def _teach(self, lessons: Lessons, nothing: ImageCache, watch: Watch) -> Fitted:
        devices = [self.device] if self.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices):  # dropout draws from the global one
            torch.manual_seed(self.options.seed)
            return annealing.fit(
                self.networks, lessons.examples, nothing, self.options, self.device, watch, loss
            )

    def _try(self, lessons: Lessons) -> Trust:
        """Find what is usual, how each way follows a photo's level, how it does, and with which weight."""
        good, damaged = self._unseen(lessons, lessons.good), self._unseen(lessons, lessons.probes)
        lit = self._unseen(lessons, lessons.lit)
        self.usual = self._usual(good)
        self.tried.lit = len(lit)
        self.tried.damaged = [look.damaged for look in lessons.probes]
        plain = {look.image: seen for look, seen in zip(lessons.good, good, strict=True)}
        if lessons.complete:
            self.tried.marks = {image: seen.marks for image, seen in plain.items()}
        # Each fold's methods have a scale of their own: a photo is compared with copies of the same ones.
        same = [seen for image, seen in plain.items() if image in lessons.probed]
        pairs = [(plain[look.image], seen) for look, seen in zip(lessons.lit, lit, strict=True)]

        def tried(way: Way) -> tuple[Level, Both]:
            own = level.learn(torch.stack([shown(way, pair) for pair in pairs]))
            even = levelled(way, own)
            return own, (scores(even, [*same, *lit]), scores(even, damaged))

        for name, way in self.ways().items():
            if NAME not in name:
                self.own_levels[name], self.tried.scores[name] = tried(way)
        return self._weigh(lambda name, weight: tried(self.ways(weight)[name]))

    def _weigh(self, tried: Callable[[str, float], tuple[Level, Both]]) -> Trust:
        """Give the networks of each way the weight that they deserve; how far to trust those of the last."""
        for name in self.ways():
            if NAME in name:
                without = name.replace(NAME, FilterbankMethod.name)
                alone = self.own_levels[without], self.tried.scores[without]
                found = {weight: tried(name, weight) for weight in WEIGHTS}
                deserved = trust.decide(alone[1], {weight: both for weight, (_, both) in found.items()})
                self.weights[name] = deserved.weight
                self.own_levels[name], self.tried.scores[name] = found[deserved.weight]
                self.tried.proof[name] = {0.0: alone, **found}
        return deserved

    def _usual(self, good: Sequence[Seen]) -> Tensor:
        marked = [topk_error(seen.marks[None]) for seen in good]
        measured = [topk_error(seen.products[:1]) for seen in good]
        return torch.cat([torch.cat(measured).mean()[None], torch.cat(marked).median()[None] + 1e-3])

    def _unseen(self, lessons: Lessons, looks: Sequence[Look]) -> list[Seen]:
        """With the marks of the network that has not learned from the photo."""
        found = []
        for look in looks:
            network = self.networks[lessons.examples.groups[look.image]]
            marks = self._marks(network, look.features.to(self.device).float()[None])[0]
            found.append(Seen(look.products.to(self.device), marks))
        return found

    def _networks(self) -> nn.ModuleList:
        with torch.random.fork_rng(devices=[]):  # the caller's random numbers are not ours to turn
            torch.manual_seed(self.options.seed)
            networks = nn.ModuleList(Marker(3 + 2 * DIMENSIONS, self.options.width) for _ in range(NETWORKS))
        moved: nn.ModuleList = networks.to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return moved.eval()


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


def loss(networks: nn.Module, batch: Tensor, generator: torch.Generator) -> Tensor:
    """What each network marks of the photos of the other groups, against where the damage is."""
    features, marks, groups = batch[:, :-2], batch[:, -2], batch[:, -1, 0, 0]
    if torch.rand((), generator=generator) < 0.5:
        features, marks = features.flip(3), marks.flip(2)
    weight = torch.tensor(_MARKED, device=batch.device)
    total = batch.new_zeros(())
    for number, network in enumerate(networks.children()):
        mine = groups != number
        if mine.any():
            odds = network(features[mine]).float()
            total = total + functional.binary_cross_entropy_with_logits(odds, marks[mine], pos_weight=weight)
    return total
