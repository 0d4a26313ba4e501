"""`a+b`: two methods that look at the same photo, and suspect together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar, Self

import torch
from torch import Tensor

from detection.errors import BadOptions
from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods.base import Judged, Method
from detection.methods.patches import PatchMethod, within
from detection.networks.engine import Engine
from detection.normality.turns import Turns
from detection.photos.image_cache import ImageCache
from detection.photos.images import PLAIN, Levels
from detection.photos.region import Region
from detection.types import TrainOptions
from detection.verdicts.scoring import plain, topk_error

SIGN = "+"
_BATCH = 8
_SCALED_BY = 64


class Fusion(Method):
    """The map is the geometric mean of the members' maps, each in units of its own usual score of good
    images; the score is the mean of the largest 1 % of it. What one member alone dislikes counts half."""

    keeps_aspect: ClassVar[bool] = True
    crops: ClassVar[bool] = True
    cross_fits: ClassVar[bool] = True
    turns_photos: ClassVar[bool] = True

    def __init__(self, options: TrainOptions, device: torch.device, members: Sequence[Method]) -> None:
        super().__init__(options, device)
        self.members = tuple(members)
        self.scales = torch.ones(len(members), device=device)
        if any(not (m.keeps_aspect and m.crops and m.cross_fits) for m in members):
            raise BadOptions(f"{options.method}: only methods that read photos in the same way can be fused.")

    @property
    def name(self) -> str:  # type: ignore[override]
        return SIGN.join(member.name for member in self.members)

    def anew(self) -> Self:
        members = [member.anew() for member in self.members]
        return type(self)(self.options, self.device, members).with_geometry(
            self.region, self.turns, self.levels
        )

    def with_geometry(self, region: Region | None, turns: Turns, levels: Levels = PLAIN) -> Self:
        for member in self.members:
            member.with_geometry(region, turns, levels)
        return super().with_geometry(region, turns, levels)

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Fitted:
        summary = {}
        for member in self._told(watch):
            summary[member.name] = member.fit(learned, held_back, watch.silent()).summary
        self.scale(held_back if len(held_back) else learned)
        return Fitted(summary=summary)

    def scale(self, good: ImageCache) -> None:
        """Take the members' usual scores from good images."""
        some = good.subset(range(min(_SCALED_BY, len(good))))
        sums = torch.zeros_like(self.scales)
        for _, images in some.batches(_BATCH, self.device):
            sums += torch.stack([member.judge(images).scores.sum() for member in self.members])
        self.scales = (sums / len(some)).clamp(min=1e-12)

    def judge(self, images: Tensor) -> Judged:
        with torch.inference_mode():
            return self._fused([member.judge(images).maps for member in self.members])

    def crossed_scores(self, learned: ImageCache, watch: Watch) -> list[float] | None:
        parts = [member for member in self.members if isinstance(member, PatchMethod)]
        if len(parts) < len(self.members):
            return None
        found = [0.0] * len(learned)
        each = zip(*(part.unlearned(learned, watch) for part in parts), strict=True)
        for done, measured in enumerate(each, 1):
            number = measured[0][0]
            maps = [
                part.judged(measures[None], learned.shapes[number]).maps
                for part, (_, measures) in zip(parts, measured, strict=True)
            ]
            found[number] = plain(self._fused(maps).scores)[0]
            watch.tell("training", done, len(learned))
        return found

    def _fused(self, maps: Sequence[Tensor]) -> Judged:
        each = zip(maps, self.scales, strict=True)
        scaled = torch.stack([one.clamp(min=0) / scale for one, scale in each])
        fused = scaled.prod(dim=0) ** (1 / len(self.members))
        return Judged(topk_error(fused), fused)

    def engines(self) -> dict[str, Engine]:
        return {f"{m.name}.{name}": engine for m in self.members for name, engine in m.engines().items()}

    def tensors(self) -> dict[str, Tensor]:
        kept = {f"{m.name}.{name}": value for m in self.members for name, value in m.tensors().items()}
        return {**kept, "scales": self.scales}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        for member in self.members:
            member.restore(within(tensors, f"{member.name}."))
        self.scales = tensors["scales"].to(self.device)

    def _told(self, watch: Watch) -> Iterator[Method]:
        for done, member in enumerate(self.members):
            watch.tell("training", done, len(self.members))
            yield member
        watch.tell("training", 1, 1)


def members(options: TrainOptions) -> list[TrainOptions]:
    """The options of each member of a fusion."""
    return [replace(options, method=name) for name in options.method.split(SIGN)]
