"""`unet-features`: a small UNet that reads what `filterbank` measures and marks what looks damaged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from detection import annealing
from detection.errors import BadArtifact
from detection.methods import trust
from detection.methods.base import Fitted, Judged, Method
from detection.methods.lessons import LEAST, Effort, Lessons, Look, Maker, features_of
from detection.methods.patches import DIMENSIONS, FilterbankMethod, within
from detection.networks.marker import Marker
from detection.normality.place import on_grid
from detection.progress import Watch
from detection.scoring import topk_error
from detection.separation import Both, Scores
from detection.shelf import Shelf
from detection.types import TrainOptions

# Each network learns from the photos of all groups but its own: so each photo has one that never saw it.
NETWORKS = 2
# Damaged places are rare. (Taken out of the map again.)
_MARKED = 5.0
# What the network says counts as a square root. Of damage kept apart it finds about as much with full weight,
# and no defect that only the measures see gets lost.
_WEIGHT = 0.5
# Added to its map in units of good photos, so that where it is sure of nothing the measures still count.
_FLOOR = 0.01
# Of a photo, each [h, w]: the product of the measures, and the network's marks.
Maps = tuple[Tensor, Tensor]
# Shares of the time: the measures, making examples, learning from them.
_MEASURED, _MADE = 0.05, 0.6


class UNetFeatures(Method):
    """Anomaly map: the product of the three measures of `filterbank` and, where the network can be
    trusted, the square root of how sure it is of damage, each in units of good photos. Score: the mean
    of the largest 1 %.

    The network is trusted where it helps to tell good photos it has not learned from from copies of
    them with kinds of damage it has not learned (`damage.apart`), beyond what chance explains. No
    label is looked at.
    """

    name = "unet-features"
    keeps_aspect: ClassVar[bool] = True
    crops: ClassVar[bool] = True
    crosses_itself: ClassVar[bool] = True

    def __init__(self, options: TrainOptions, device: torch.device) -> None:
        super().__init__(options, device)
        self.base = FilterbankMethod(options, device)
        self.networks = self._networks()
        self.trusted = False
        # What is usual of good photos: the score of the measures, and the network's.
        self.usual = torch.ones(2, device=device)
        self._crossed: list[float] | None = None
        self._effort = Effort()

    def in_a_hurry(self) -> Self:
        self._effort = Effort(copies=400, probes=100)
        self.options = replace(self.options, epochs=min(4, self.options.epochs))
        return self

    def fit(self, learned: Shelf, held_back: Shelf, watch: Watch) -> Fitted:
        self._crossed, self.trusted = None, False
        self.base.fit(learned, held_back, watch.part(0, _MEASURED))
        if len(learned) < LEAST:
            return Fitted(summary={"trust": None, "why": f"fewer than {LEAST} photos teach no network"})
        lessons = Maker(self.base, learned, NETWORKS, self.options, self._effort).make(
            watch.part(_MEASURED, _MADE)
        )
        nothing = learned.subset([])
        devices = [self.device] if self.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices):  # dropout draws from the global one
            torch.manual_seed(self.options.seed)
            fitted = annealing.fit(
                self.networks,
                lessons.examples,
                nothing,
                self.options,
                self.device,
                watch.part(_MADE, 1),
                loss,
            )
        found = self._weigh(lessons)
        counts = {"examples": len(lessons.examples), "photos": len(lessons.good)}
        return Fitted(fitted.history, {**fitted.summary, **counts, "trust": found.as_dict()})

    def judge(self, images: Tensor) -> Judged:
        with torch.inference_mode():
            features, product = features_of(self.base, images)
            found = product / self.usual[0]
            if self.trusted:
                marks = torch.stack([self._marks(network, features) for network in self.networks])
                found = self._together(product, marks.mean(dim=0))
            maps = on_grid(found[:, None], (images.shape[2], images.shape[3]))[:, 0]
            return Judged(topk_error(maps), maps)

    def crossed_scores(self) -> list[float] | None:
        return self._crossed

    def tensors(self) -> dict[str, Tensor]:
        base = {f"base.{name}": value for name, value in self.base.tensors().items()}
        networks = {f"networks.{name}": value for name, value in self.networks.state_dict().items()}
        return {**base, **networks, "usual": self.usual, "trusted": torch.tensor(self.trusted)}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        self.base.restore(within({n: t for n, t in tensors.items() if n.startswith("base.")}, "base."))
        try:
            self.networks.load_state_dict(within(tensors, "networks."))
            self.usual = tensors["usual"].to(self.device)
            self.trusted = bool(tensors["trusted"])
        except (RuntimeError, KeyError) as error:
            raise BadArtifact(
                f"The weights do not fit two networks of width {self.options.width}."
            ) from error
        self.networks.eval()

    def _marks(self, network: nn.Module, features: Tensor) -> Tensor:
        """How sure a network is that a place is damaged, -ln(1 - probability), in nats: [N, h, w]."""
        odds = network(features.contiguous(memory_format=torch.channels_last))
        return functional.softplus(odds - math.log(_MARKED))

    def _together(self, product: Tensor, marks: Tensor) -> Tensor:
        return product / self.usual[0] * (marks / self.usual[1] + _FLOOR) ** _WEIGHT

    def _weigh(self, lessons: Lessons) -> trust.Trust:
        """Find what is usual, whether the networks are to be trusted, and the good photos' own scores."""
        with torch.inference_mode():
            good, damaged = self._unseen(lessons, lessons.good), self._unseen(lessons, lessons.probes)
            usual = [(float(topk_error(p[None])), float(topk_error(m[None]))) for p, m in good]
            measured, marked = zip(*usual, strict=True)
            self.usual = torch.tensor(
                [np.mean(measured), np.median(marked) + 1e-3], device=self.device
            ).float()
            # Each filter bank has a scale of its own: a photo is compared with copies of the same ones.
            same = [one for one, look in zip(good, lessons.good, strict=True) if look.image in lessons.probed]
            found = trust.decide(
                self._both(same, damaged, together=False), self._both(same, damaged, together=True)
            )
            self.trusted = found.trusted
            if lessons.complete:
                self._crossed = self._scores(good, together=self.trusted).tolist()
        return found

    def _both(self, good: Sequence[Maps], damaged: Sequence[Maps], *, together: bool) -> Both:
        return self._scores(good, together=together), self._scores(damaged, together=together)

    def _unseen(self, lessons: Lessons, looks: Sequence[Look]) -> list[Maps]:
        """The measures' product and the marks of the network that has not learned from the photo."""
        found = []
        for look in looks:
            network = self.networks[lessons.examples.groups[look.image]]
            marks = self._marks(network, look.features.to(self.device).float()[None])[0]
            found.append((look.product.to(self.device), marks))
        return found

    def _scores(self, maps: Sequence[Maps], *, together: bool) -> Scores:
        """By the measures alone, or together with the network."""
        found = [self._together(p, m) if together else p / self.usual[0] for p, m in maps]
        return np.array([float(topk_error(one[None])) for one in found])

    def _networks(self) -> nn.ModuleList:
        with torch.random.fork_rng(devices=[]):  # the caller's random numbers are not ours to turn
            torch.manual_seed(self.options.seed)
            networks = nn.ModuleList(Marker(3 + 2 * DIMENSIONS, self.options.width) for _ in range(NETWORKS))
        moved: nn.ModuleList = networks.to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return moved.eval()


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
