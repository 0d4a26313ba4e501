"""`unet-features`: a small UNet that reads what `filterbank` measures and marks what looks damaged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from detection.errors import BadArtifact
from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods import marking, panel
from detection.methods.base import Judged, Method, Model, Taught, under, within
from detection.methods.lessons import crosses_up_to, features_of
from detection.methods.panel import Panel
from detection.methods.patch_model import PatchModel
from detection.methods.patches import PatchMethod, PlainFilterbank
from detection.methods.unlearned import LeftOut
from detection.methods.ways import NETWORKS, WEIGHTS, Seen, Way, Ways, levelled, scores, without_networks
from detection.networks.engine import Engine
from detection.normality.level import NOTHING, Level
from detection.normality.place import on_grid
from detection.photos.image_cache import ImageCache
from detection.verdicts.scoring import topk_error

# What the tensors of the parts begin with, in their order.
_PREFIXES = ("base.", "partner.")


@dataclass(frozen=True, eq=False)
class FeaturesModel(Model):
    """Anomaly map: the product of the three measures of `filterbank` and, where the networks can be
    trusted, the square root (or fourth or eighth root: `weight`) of how sure they are of damage, each in
    units of good photos. Score: the mean of the largest 1 %.

    parts: whose measures there are, the filter bank first. level: of the maps in use.
    """

    method: UNetFeatures
    parts: tuple[PatchModel, ...]
    networks: nn.ModuleList
    ways: Ways
    trusted: bool = False
    weight: float = WEIGHTS[0]
    level: Level = NOTHING

    @property
    def way(self) -> Way:
        name = self.name if self.trusted else without_networks(self.name)
        return levelled(self.ways.of(name, self.weight), self.level)

    def judge(self, images: Tensor) -> Judged:
        with torch.inference_mode():
            features, product = features_of(self.parts[0], images)
            others = [features_of(part, images)[1] for part in self.parts[1:]]
            marks = torch.zeros_like(product)
            if self.trusted:
                marks = torch.stack([marking.marks(one, features) for one in self.networks]).mean(dim=0)
            found = self.way(torch.stack([product, *others], dim=1), marks)
            maps = on_grid(found[:, None], (images.shape[2], images.shape[3]))[:, 0]
            return Judged(topk_error(maps), maps)

    def engines(self) -> dict[str, Engine]:
        each = zip(_PREFIXES, self.parts, strict=False)
        return {f"{prefix}{name}": engine for prefix, part in each for name, engine in part.engines().items()}

    def pack(self) -> dict[str, Tensor]:
        kept = under("networks.", self.networks.state_dict())
        for prefix, part in zip(_PREFIXES, self.parts, strict=False):
            kept |= under(prefix, part.pack())
        said = {"trusted": torch.tensor(self.trusted), "weight": torch.tensor(self.weight)}
        return {**kept, "usual": self.ways.usual, **said, "level": self.level.tensor()}


@dataclass(frozen=True)
class UNetFeatures(Method):
    """The networks are trusted as far as they help to tell good photos they have not learned from, also in
    other light (`harmless`), from copies of them with kinds of damage they have not learned (`damage.apart`),
    beyond what chance explains: see `trust`. No label is looked at.
    """

    name = NETWORKS
    keeps_aspect: ClassVar[bool] = True
    crops: ClassVar[bool] = True
    turns_photos: ClassVar[bool] = True

    @property
    def crosses_up_to(self) -> int:
        return crosses_up_to(self.options.size, self.sizes)

    @property
    def parts(self) -> tuple[PatchMethod, ...]:
        """The methods beneath: the filter bank first."""
        return (PlainFilterbank(self.options, self.device, self.geometry, self.sizes),)

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Taught:
        return self.of(panel.learn(self.parts, learned, watch))

    def of(self, learned: Panel, *, trusted: bool | None = None) -> Taught:
        """This method, of what learned in one pass. trusted: whether the networks have a say, whatever they
        prove."""
        parts = [learned.parts[part.name] for part in self.parts]
        models = tuple(part.model for part in parts)
        ways = learned.ways.only([part.name for part in self.parts])
        how, marks = learned.how, dict[int, Tensor]()
        model = FeaturesModel(self, models, learned.networks, ways)
        if learned.proof:
            trial = learned.proof.trial(self.name)
            assert trial.trust is not None
            trusted = trial.trust.trusted if trusted is None else trusted
            used = trial if trusted else learned.proof.trial(without_networks(self.name))
            model = FeaturesModel(self, models, learned.networks, ways, trusted, used.weight, used.level)
            marks = learned.proof.marks
            how = Fitted(how.history, {**how.summary, "trust": trial.trust.as_dict()})
        # The last one's: a partner tells its weights.
        summary = {**parts[-1].how.summary, **how.summary}
        unlearned = Unseen(model, tuple(part.unlearned for part in parts), marks)
        return Taught(model, Fitted(how.history, summary), unlearned)

    def unpack(self, tensors: dict[str, Tensor]) -> FeaturesModel:
        each = zip(_PREFIXES, self.parts, strict=False)
        models = tuple(part.unpack(within(tensors, prefix)) for prefix, part in each)
        networks = marking.untaught(self.options, self.device)
        try:
            networks.load_state_dict(within(tensors, "networks."))
            ways = Ways(tuple(part.name for part in self.parts), tensors["usual"].to(self.device))
            trusted = bool(tensors["trusted"])
        except (RuntimeError, KeyError) as error:
            raise BadArtifact(
                f"The weights do not fit two networks of width {self.options.width}."
            ) from error
        # Runs from before there were several weights have the largest.
        weight = float(tensors.get("weight", torch.tensor(WEIGHTS[0])))
        return FeaturesModel(self, models, networks, ways, trusted, weight, Level.of(tensors.get("level")))


@dataclass(frozen=True)
class Unseen:
    """See `Unlearned`: by measures that leave a photo out, and marks of a network that never saw it.

    What the measures dislike is not what the network reads; its marks are of a fit on other folds.
    """

    model: FeaturesModel
    parts: tuple[LeftOut, ...]
    marks: Mapping[int, Tensor]

    def scores(self, learned: ImageCache, watch: Watch) -> list[float] | None:
        if self.model.trusted and len(self.marks) < len(learned):
            return None
        found = [0.0] * len(learned)
        for each in zip(*(part.each(learned, watch) for part in self.parts), strict=True):
            number = each[0][0]
            products = [
                part.model.product(measures[None])[0]
                for part, (_, measures) in zip(self.parts, each, strict=True)
            ]
            seen = Seen(torch.stack(products), self.marks.get(number, torch.zeros_like(products[0])))
            found[number] = float(scores(self.model.way, [seen])[0])
        return found
