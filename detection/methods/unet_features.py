"""`unet-features`: a small UNet that reads the measures of `filterbank` and marks damage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from detection.errors import BadArtifact
from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods import joint_fit, marking
from detection.methods.base import Compared, Judged, Method, Model, Taught, under, within
from detection.methods.combine import (
    NETWORKS,
    WEIGHTS,
    Combination,
    Combinations,
    HeldOutMaps,
    levelled,
    scores,
    without_networks,
)
from detection.methods.joint_fit import JointFit
from detection.methods.leave_one_out import PatchLeaveOneOut
from detection.methods.lessons import crosses_up_to, on_one_grid, seen_by
from detection.methods.patch_model import PatchModel
from detection.methods.patches import PatchMethod, PlainFilterbank
from detection.networks.engine import Engine
from detection.normality.level import NOTHING, Level
from detection.normality.place import on_grid
from detection.photos.image_cache import ImageCache
from detection.verdicts.scoring import topk_error

# Prefixes of the tensors of the parts, in their order.
_PREFIXES = ("base.", "partner.")


@dataclass(frozen=True, eq=False)
class FeaturesModel(Model):
    """Anomaly map: the product of the three measures of `filterbank` and, if the networks are trusted, the
    square root (or fourth or eighth root: `weight`) of their confidence of damage, each in units of good
    photos. Score: the mean of the largest 1 %.

    parts: the patch models, the filter bank first. level: of the maps in use.
    """

    method: UNetFeatures
    parts: tuple[PatchModel, ...]
    networks: nn.ModuleList
    combinations: Combinations
    trusted: bool = False
    weight: float = WEIGHTS[0]
    level: Level = NOTHING

    @property
    def combination(self) -> Combination:
        name = self.name if self.trusted else without_networks(self.name)
        return levelled(self.combinations.of(name, self.weight), self.level)

    def judge(self, images: Tensor) -> Judged:
        with torch.inference_mode():
            features, products = seen_by(self.parts, images)
            marks = torch.zeros_like(products[:, 0])
            if self.trusted:
                marks = torch.stack([marking.marks(one, features) for one in self.networks]).mean(dim=0)
            combined = self.combination(products, marks)
            maps = on_grid(combined[:, None], (images.shape[2], images.shape[3]))[:, 0]
            return Judged(topk_error(maps), maps)

    def compared(self, images: Tensor) -> tuple[Compared, ...]:
        return tuple(one for part in self.parts for one in part.compared(images))

    def engines(self) -> dict[str, Engine]:
        each = zip(_PREFIXES, self.parts, strict=False)
        return {f"{prefix}{name}": engine for prefix, part in each for name, engine in part.engines().items()}

    def pack(self) -> dict[str, Tensor]:
        kept = under("networks.", self.networks.state_dict())
        for prefix, part in zip(_PREFIXES, self.parts, strict=False):
            kept |= under(prefix, part.pack())
        decided = {"trusted": torch.tensor(self.trusted), "weight": torch.tensor(self.weight)}
        return {**kept, "usual": self.combinations.usual, **decided, "level": self.level.tensor()}


@dataclass(frozen=True)
class UNetFeatures(Method):
    """The networks are trusted as far as they help, beyond what chance explains, to separate good photos
    that they have not learned from, also in other light (`harmless`), from copies with kinds of damage
    that they have not learned (`damage.apart`): see `trust`. No labels are used."""

    name = NETWORKS
    keeps_aspect: ClassVar[bool] = True
    crops: ClassVar[bool] = True
    turns_photos: ClassVar[bool] = True

    @property
    def crosses_up_to(self) -> int:
        return crosses_up_to(self.options.size, self.sizes)

    @property
    def parts(self) -> tuple[PatchMethod, ...]:
        """The methods below the networks: the filter bank first."""
        return (PlainFilterbank(self.options, self.device, self.geometry, self.sizes),)

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Taught:
        return self.of(joint_fit.learn(self.parts, learned, watch))

    def of(self, learned: JointFit, *, trusted: bool | None = None) -> Taught:
        """This method, from a joint fit. trusted: whether the networks are used, whatever the evidence."""
        parts = [learned.parts[part.name] for part in self.parts]
        models = tuple(part.model for part in parts)
        combinations = learned.combinations.only([part.name for part in self.parts])
        how, marks = learned.how, dict[int, Tensor]()
        model = FeaturesModel(self, models, learned.networks, combinations)
        if learned.evidence:
            trial = learned.evidence.trial(self.name)
            assert trial.trust is not None
            trusted = trial.trust.trusted if trusted is None else trusted
            used = trial if trusted else learned.evidence.trial(without_networks(self.name))
            model = FeaturesModel(
                self, models, learned.networks, combinations, trusted, used.weight, used.level
            )
            marks = learned.evidence.marks
            how = Fitted(how.history, {**how.summary, "trust": trial.trust.as_dict()})
        # Of the last part: a partner reports its weights.
        summary = {**parts[-1].how.summary, **how.summary}
        leave_one_out = FeaturesLeaveOneOut(model, tuple(part.leave_one_out for part in parts), marks)
        return Taught(model, Fitted(how.history, summary), leave_one_out)

    def unpack(self, tensors: dict[str, Tensor]) -> FeaturesModel:
        each = zip(_PREFIXES, self.parts, strict=False)
        models = tuple(part.unpack(within(tensors, prefix)) for prefix, part in each)
        networks = marking.untaught(self.options, self.device)
        try:
            networks.load_state_dict(within(tensors, "networks."))
            combinations = Combinations(
                tuple(part.name for part in self.parts), tensors["usual"].to(self.device)
            )
            trusted = bool(tensors["trusted"])
        except (RuntimeError, KeyError) as error:
            raise BadArtifact(
                f"The weights do not fit two networks of width {self.options.width}."
            ) from error
        # Runs from before there were several weights have the largest.
        weight = float(tensors.get("weight", torch.tensor(WEIGHTS[0])))
        return FeaturesModel(
            self, models, networks, combinations, trusted, weight, Level.of(tensors.get("level"))
        )


@dataclass(frozen=True)
class FeaturesLeaveOneOut:
    """See `LeaveOneOut`: by measures that leave a photo out, and marks of a network that never saw it.

    The network did not read these measures; its marks are based on a fit on other folds.
    """

    model: FeaturesModel
    parts: tuple[PatchLeaveOneOut, ...]
    marks: Mapping[int, Tensor]

    def scores(self, learned: ImageCache, watch: Watch) -> list[float] | None:
        if self.model.trusted and len(self.marks) < len(learned):
            return None
        leave_one_out_scores = [0.0] * len(learned)
        for each in zip(*(part.each(learned, watch) for part in self.parts), strict=True):
            number = each[0][0]
            measured = zip(self.parts, each, strict=True)
            products = [part.model.product(measures[None]) for part, (_, measures) in measured]
            together = on_one_grid(products)[0]
            seen = HeldOutMaps(together, self.marks.get(number, torch.zeros_like(together[0])))
            leave_one_out_scores[number] = float(scores(self.model.combination, [seen])[0])
        return leave_one_out_scores
