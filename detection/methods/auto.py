"""`auto`: learns by all methods that this machine can run at once, and becomes the one that proves best."""

from __future__ import annotations

import time
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from detection.errors import BadArtifact, WeightsMissing
from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods import trust
from detection.methods.base import Judged, Method
from detection.methods.fusion import SIGN, Fusion
from detection.methods.lessons import crosses_up_to
from detection.methods.partnered import Partnered
from detection.methods.patches import FilterbankMethod, PatchcorePadim
from detection.methods.ranking import Candidate, Ranking, candidate, decide
from detection.methods.unet_features import NAME, UNetFeatures
from detection.networks import weights
from detection.options import of_chosen
from detection.photos.image_cache import ImageCache
from detection.reasons import Reason
from detection.types import TrainOptions

_TIMED_BY = 4


class Auto(Method):
    """`fit` teaches the parts of every candidate in one pass: the measures of a pretrained network (where
    its weights can be had), those of fixed filters, and the networks that mark damage. All are judged on
    photos they have not learned from; `settled` is the method that `detection.methods.ranking` then takes."""

    name = "auto"
    keeps_aspect: ClassVar[bool] = True
    crops: ClassVar[bool] = True
    turns_photos: ClassVar[bool] = True

    def __init__(self, options: TrainOptions, device: torch.device) -> None:
        super().__init__(options, device)
        self._settled: Method | None = None

    @property
    def crosses_up_to(self) -> int:
        return crosses_up_to(self.options.size)

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Fitted:
        panel, left_out = self._panel()
        usual = panel.parts[-1].name
        fitted = panel.fit(learned, held_back, watch)
        if panel.tried.scores:
            chosen, reason = decide(panel.tried.scores, usual)
            told = _told(panel, learned)
        else:
            reason = Reason("few", usual, photos=len(learned))
            chosen, told = usual, [Candidate(usual)]
        self._settled = made(panel, chosen)
        whole, damaged = panel.tried.scores.get(chosen, ((), ()))
        candidates = (*told, *left_out)
        ranking = Ranking(
            chosen,
            reason.sentence(),
            candidates,
            n_learned=len(learned),
            n_probes=len(whole) - panel.tried.lit,
            n_damaged=len(damaged),
            reason=reason,
        )
        summary = _summary(panel, fitted, chosen, usual)
        history = fitted.history if NAME in chosen else ()
        return Fitted(history, summary, ranking.as_dict())

    def settled(self) -> Method:
        return self._known()

    def crossed_scores(self, learned: ImageCache, watch: Watch) -> list[float] | None:
        return self._known().crossed_scores(learned, watch)

    def judge(self, images: Tensor) -> Judged:
        return self._known().judge(images)

    def tensors(self) -> dict[str, Tensor]:
        return self._known().tensors()

    def restore(self, tensors: dict[str, Tensor]) -> None:
        raise BadArtifact("A run of auto is stored as a run of the method it chose.")

    def _known(self) -> Method:
        assert self._settled is not None, "fit first"
        return self._settled

    def _panel(self) -> tuple[UNetFeatures, list[Candidate]]:
        """What learns, and what cannot here."""
        options = of_chosen(self.options, NAME)
        try:
            weights.backbone(options.backbone, options.weights)
        except WeightsMissing as error:
            panel = UNetFeatures(options, self.device)
            left_out = [Candidate(PatchcorePadim.name, left_out=str(error))]
        else:
            panel, left_out = Partnered(options, self.device, PatchcorePadim(options, self.device)), []
        return panel.with_geometry(self.region, self.turns, self.levels), left_out


def made(panel: UNetFeatures, name: str) -> Method:
    """One of the panel's ways, as the method of that name."""
    method = _made(panel, name)
    method.options = of_chosen(panel.options, name)
    return method.with_geometry(panel.region, panel.turns, panel.levels)


def _made(panel: UNetFeatures, name: str) -> Method:
    parts = {part.name: part for part in panel.parts}
    if name in parts:
        return parts[name]
    if NAME in name:
        other = (
            UNetFeatures(panel.options, panel.device)
            if name == NAME
            else Partnered(panel.options, panel.device, panel.parts[1])
        )
        other.base, other.networks, other.tried = panel.base, panel.networks, panel.tried
        other.usual, other.trusted = panel.usual[: len(other.usual)], True
        other.own_levels, other.weights = panel.own_levels, panel.weights
        return other
    fusion = Fusion(panel.options, panel.device, [parts[one] for one in name.split(SIGN)])
    fusion.scales = panel.usual[[2, 0]]
    return fusion


def _summary(panel: UNetFeatures, fitted: Fitted, chosen: str, usual: str) -> dict[str, Any]:
    """How the parts of the chosen method learned; of networks, how much they help against the usual one."""
    if not panel.tried.scores:
        return fitted.summary
    each = panel.tried.summaries
    if NAME in chosen:
        proof = {panel.weight(chosen): panel.tried.scores[chosen]}
        helped = trust.decide(panel.tried.scores[usual], proof)
        networks = {name: value for name, value in fitted.summary.items() if name not in each[usual]}
        measured = each[FilterbankMethod.name if chosen == NAME else usual]
        return {**measured, **networks, "trust": helped.as_dict()}
    return each[chosen] if chosen in each else {name: each[name] for name in chosen.split(SIGN)}


def _told(panel: UNetFeatures, learned: ImageCache) -> list[Candidate]:
    """The evidence, the best first."""
    tried, sizes = panel.tried, np.array(panel.tried.damaged)
    _, images = next(learned.batches(_TIMED_BY, panel.device))
    told = []
    for name, both in tried.scores.items():
        needed = {*name.split(SIGN)} | ({FilterbankMethod.name} if NAME in name else set())
        seconds = sum(tried.seconds[one] for one in needed)
        told.append(candidate(name, both, sizes, seconds, _pace(made(panel, name), images)))
    return sorted(told, key=lambda one: -(one.score or 0))


def _pace(method: Method, images: Tensor) -> float:
    """Milliseconds that it takes to judge one of them."""
    start = time.monotonic()
    method.judge(images)
    return 1000 * (time.monotonic() - start) / len(images)
