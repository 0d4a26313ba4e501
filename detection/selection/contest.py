"""`auto`: all candidates that this machine can run are trained together, and the best one is chosen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

import torch
from torch import Tensor

from detection.errors import WeightsMissing
from detection.learning.progress import Watch
from detection.methods import joint_fit, registry, trust
from detection.methods.base import Learner, Method, Model, Taught
from detection.methods.combine import FILTERS, NETWORKS
from detection.methods.fusion import SIGN, Fusion
from detection.methods.joint_fit import JointFit
from detection.methods.lessons import crosses_up_to
from detection.methods.patches import PatchMethod
from detection.methods.unet_features import UNetFeatures
from detection.networks import weights
from detection.options import of_chosen
from detection.options.catalogue import needs_weights
from detection.photos.image_cache import ImageCache
from detection.reasons import Reason
from detection.selection.ranking import Ranking, Result, decide, result

# Patch methods, and fusions of them and of the networks on top of them. The first one that can run here is
# the usual method, which another has to beat. Networks alone are no candidates: fused, they gain nearly as
# much where they help and lose half as much where they harm (docs/measurements/methods.md).
CANDIDATES = (
    "patchcore-padim",
    "filterbank",
    "patchcore-padim+filterbank",
    "filterbank+unet-features",
    "patchcore-padim+unet-features",
)
_TIMED_BY = 4


@dataclass(frozen=True)
class Chosen(Taught):
    """The model of the chosen method (`model.name`), and the evidence."""

    ranking: Ranking = field(kw_only=True)


@dataclass(frozen=True)
class Contest(Learner):
    """`fit` trains the parts of every candidate in one pass: the measures of a pretrained network (if its
    weights are available), those of fixed filters, and the networks that mark damage. All are tested on
    photos they have not learned from, and `ranking.decide` chooses one."""

    candidates: tuple[str, ...] = CANDIDATES

    keeps_aspect: ClassVar[bool] = True
    crops: ClassVar[bool] = True
    turns_photos: ClassVar[bool] = True

    @property
    def crosses_up_to(self) -> int:
        return crosses_up_to(self.options.size, self.sizes)

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Chosen:
        parts, left_out = self.parts()
        able = [name for name in self.candidates if _needed(name) <= {NETWORKS, *parts}]
        joint = joint_fit.learn(list(parts.values()), learned, watch)
        usual, reason = able[0], Reason("few", able[0], photos=len(learned))
        name, results = usual, [Result(usual)]
        if joint.evidence:
            tried = {one: joint.evidence.trial(one).scores for one in able}
            name, reason = decide(tried, usual, joint.evidence.lit)
            results = self._results(able, joint, learned, watch)
        taught = self._explained(self.candidate(name, joint), joint, usual)
        ranking = _ranking(name, reason, [*results, *left_out], joint, len(learned))
        return Chosen(taught.model, taught.how, taught.leave_one_out, ranking=ranking)

    def parts(self) -> tuple[dict[str, PatchMethod], list[Result]]:
        """The patch methods that candidates are combined from, by name, the input of the networks first;
        and those that cannot run here. All have the options by which the networks are trained."""
        options, networks = of_chosen(self.options, NETWORKS), self._method(NETWORKS)
        assert isinstance(networks, UNetFeatures)
        parts, left_out = {FILTERS: networks.parts[0]}, list[Result]()
        for name in dict.fromkeys(part for one in self.candidates for part in _members(one)):
            try:
                if needs_weights(name):
                    weights.backbone(options.backbone, options.weights)
            except WeightsMissing as error:
                left_out.append(Result(name, left_out=str(error)))
                continue
            method = self._method(name)
            if isinstance(method, PatchMethod):
                parts[name] = replace(method, options=options)
        return parts, left_out

    def _method(self, name: str) -> Method:
        """A candidate as if it had been requested; with the minutes of this learner."""
        return registry.create(of_chosen(self.options, name), self.device, self.geometry, self.sizes)

    def candidate(self, name: str, joint: JointFit) -> Taught:
        """One of the candidates, from the joint fit."""
        match self._method(name):
            case UNetFeatures() as method:
                return method.of(joint, trusted=True)
            case PatchMethod() as method:
                return method.of(joint.parts[name])
            case Fusion() as method:
                scales = torch.stack([joint.combinations.usual_of(kind.name) for kind in method.kinds])
                return method.of([joint.parts[kind.name] for kind in method.kinds], scales)
        raise AssertionError(f"{name} is not made of methods on patches")

    def _explained(self, taught: Taught, joint: JointFit, usual: str) -> Taught:
        """For networks, adds how much they help compared with the usual method."""
        name = taught.model.name
        if not joint.evidence:
            return replace(taught, how=replace(joint.how, summary=taught.how.summary | joint.how.summary))
        if NETWORKS not in _members(name):
            return taught
        trial = joint.evidence.trial(name)
        own, with_networks = joint.evidence.trial(usual).scores, {trial.weight: trial.scores}
        helped = trust.decide(own, with_networks, joint.evidence.lit)
        summary = {**taught.how.summary, "trust": helped.as_dict()}
        return replace(taught, how=replace(taught.how, summary=summary))

    def _results(self, names: list[str], joint: JointFit, learned: ImageCache, watch: Watch) -> list[Result]:
        """The evidence, the best candidate first."""
        assert joint.evidence is not None
        _, images = next(learned.batches(_TIMED_BY, self.device))
        results = []
        for name in names:
            seconds = sum(joint.seconds[one] for one in _needed(name))
            pace = _pace(self.candidate(name, joint).model, images, watch)
            results.append(
                result(name, joint.evidence.trial(name).scores, joint.evidence.damaged, seconds, pace)
            )
        return sorted(results, key=lambda one: -(one.score or 0))


def _members(name: str) -> list[str]:
    return name.split(SIGN)


def _needed(name: str) -> set[str]:
    """What has to be trained for a candidate: networks need plain filters."""
    members = {*_members(name)}
    return members | {FILTERS} if NETWORKS in members else members


def _ranking(name: str, reason: Reason, results: list[Result], joint: JointFit, photos: int) -> Ranking:
    whole = damaged = 0
    if joint.evidence:
        both = joint.evidence.trial(name).scores
        whole, damaged = len(both[0]) - joint.evidence.lit, len(both[1])
    return Ranking(name, reason.sentence(), tuple(results), photos, whole, damaged, reason=reason)


def _pace(model: Model, images: Tensor, watch: Watch) -> float:
    """Milliseconds to judge one of these images."""
    start = watch.seconds
    model.judge(images)
    return 1000 * (watch.seconds - start) / len(images)
