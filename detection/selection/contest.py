"""`auto`: all candidates that this machine can run learn at once, and the one that proves best is taken."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

import torch
from torch import Tensor

from detection.errors import WeightsMissing
from detection.learning.progress import Watch
from detection.methods import panel, registry, trust
from detection.methods.base import Learner, Method, Model, Taught
from detection.methods.fusion import SIGN, Fusion
from detection.methods.lessons import crosses_up_to
from detection.methods.panel import Panel
from detection.methods.patches import PatchMethod
from detection.methods.unet_features import UNetFeatures
from detection.methods.ways import FILTERS, NETWORKS
from detection.networks import weights
from detection.options import of_chosen
from detection.options.catalogue import needs_weights
from detection.photos.image_cache import ImageCache
from detection.reasons import Reason
from detection.selection.ranking import Ranking, Result, decide, result

# Methods on patches, the networks above them, and what can be fused of these. The first that can run here is
# the usual one, which another has to beat.
CANDIDATES = (
    "patchcore-padim",
    "filterbank",
    "patchcore-padim+filterbank",
    "unet-features",
    "patchcore-padim+unet-features",
)
_TIMED_BY = 4


@dataclass(frozen=True)
class Chosen(Taught):
    """The model of the method that was taken (`model.name`), and the evidence."""

    ranking: Ranking = field(kw_only=True)


@dataclass(frozen=True)
class Contest(Learner):
    """`fit` teaches the parts of every candidate in one pass: the measures of a pretrained network (where
    its weights can be had), those of fixed filters, and the networks that mark damage. All are judged on
    photos they have not learned from, and `ranking.decide` takes one."""

    candidates: tuple[str, ...] = CANDIDATES

    keeps_aspect: ClassVar[bool] = True
    crops: ClassVar[bool] = True
    turns_photos: ClassVar[bool] = True

    @property
    def crosses_up_to(self) -> int:
        return crosses_up_to(self.options.size, self.sizes)

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Chosen:
        parts, left_out = self._parts()
        able = [name for name in self.candidates if _needed(name) <= {NETWORKS, *parts}]
        found = panel.learn(list(parts.values()), learned, watch)
        usual, reason = able[0], Reason("few", able[0], photos=len(learned))
        name, results = usual, [Result(usual)]
        if found.proof:
            tried = {one: found.proof.trial(one).scores for one in able}
            name, reason = decide(tried, usual)
            results = self._results(able, found, learned, watch)
        taught = self._explained(self._taught(name, found), found, usual)
        ranking = _ranking(name, reason, [*results, *left_out], found, len(learned))
        return Chosen(taught.model, taught.how, taught.unlearned, ranking=ranking)

    def _parts(self) -> tuple[dict[str, PatchMethod], list[Result]]:
        """The methods on patches that candidates are made of, by name, what networks read first; and those
        that cannot run here. All have the options by which the networks are taught."""
        options, networks = of_chosen(self.options, NETWORKS), self._method(NETWORKS)
        assert isinstance(networks, UNetFeatures)
        found, left_out = {FILTERS: networks.parts[0]}, list[Result]()
        for name in dict.fromkeys(part for one in self.candidates for part in _members(one)):
            try:
                if needs_weights(name):
                    weights.backbone(options.backbone, options.weights)
            except WeightsMissing as error:
                left_out.append(Result(name, left_out=str(error)))
                continue
            method = self._method(name)
            if isinstance(method, PatchMethod):
                found[name] = replace(method, options=options)
        return found, left_out

    def _method(self, name: str) -> Method:
        """A candidate as it would be made had it been asked for; with the minutes of this one."""
        return registry.create(of_chosen(self.options, name), self.device, self.geometry, self.sizes)

    def _taught(self, name: str, found: Panel) -> Taught:
        """One of the candidates, of what learned in one pass."""
        match self._method(name):
            case UNetFeatures() as method:
                return method.of(found, trusted=True)
            case PatchMethod() as method:
                return method.of(found.parts[name])
            case Fusion() as method:
                scales = torch.stack([found.ways.usual_of(kind.name) for kind in method.kinds])
                return method.of([found.parts[kind.name] for kind in method.kinds], scales)
        raise AssertionError(f"{name} is not made of methods on patches")

    def _explained(self, taught: Taught, found: Panel, usual: str) -> Taught:
        """Of networks, how much they help against the usual method."""
        name = taught.model.name
        if not found.proof:
            return replace(taught, how=replace(found.how, summary=taught.how.summary | found.how.summary))
        if NETWORKS not in _members(name):
            return taught
        trial = found.proof.trial(name)
        helped = trust.decide(found.proof.trial(usual).scores, {trial.weight: trial.scores})
        summary = {**taught.how.summary, "trust": helped.as_dict()}
        return replace(taught, how=replace(taught.how, summary=summary))

    def _results(self, names: list[str], found: Panel, learned: ImageCache, watch: Watch) -> list[Result]:
        """The evidence, the best first."""
        assert found.proof is not None
        _, images = next(learned.batches(_TIMED_BY, self.device))
        results = []
        for name in names:
            seconds = sum(found.seconds[one] for one in _needed(name))
            pace = _pace(self._taught(name, found).model, images, watch)
            results.append(result(name, found.proof.trial(name).scores, found.proof.damaged, seconds, pace))
        return sorted(results, key=lambda one: -(one.score or 0))


def _members(name: str) -> list[str]:
    return name.split(SIGN)


def _needed(name: str) -> set[str]:
    """What has to learn for a candidate: networks read plain filters."""
    members = {*_members(name)}
    return members | {FILTERS} if NETWORKS in members else members


def _ranking(name: str, reason: Reason, results: list[Result], found: Panel, photos: int) -> Ranking:
    whole = damaged = 0
    if found.proof:
        both = found.proof.trial(name).scores
        whole, damaged = len(both[0]) - found.proof.lit, len(both[1])
    return Ranking(name, reason.sentence(), tuple(results), photos, whole, damaged, reason=reason)


def _pace(model: Model, images: Tensor, watch: Watch) -> float:
    """Milliseconds that it takes to judge one of them."""
    start = watch.seconds
    model.judge(images)
    return 1000 * (watch.seconds - start) / len(images)
