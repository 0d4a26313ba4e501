"""`a+b`: two methods on the same photo, fused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import torch
from torch import Tensor

from detection.errors import BadArtifact, BadOptions
from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods.base import Compared, Judged, Method, Model, Taught, under, within
from detection.methods.leave_one_out import PatchLeaveOneOut
from detection.networks.engine import Engine
from detection.normality.place import on_grid
from detection.photos.image_cache import ImageCache
from detection.verdicts.scoring import plain, topk_error

SIGN = "+"
_BATCH = 8
_SCALED_BY = 64


@dataclass(frozen=True, eq=False)
class FusionModel(Model):
    """The map is the geometric mean of the members' maps, each divided by its usual score of good images
    (`scales`); the score is the mean of the largest 1 % of it. What only one member finds suspicious
    counts half."""

    members: tuple[Model, ...]
    scales: Tensor

    def judge(self, images: Tensor) -> Judged:
        with torch.inference_mode():
            return self.fused([member.judge(images).maps for member in self.members])

    def draft(self, images: Tensor) -> Judged:
        with torch.inference_mode():
            shape = (images.shape[2], images.shape[3])
            drafts = [member.draft(images).maps for member in self.members]
            return self.fused([on_grid(maps[:, None], shape)[:, 0] for maps in drafts])

    def fused(self, maps: Sequence[Tensor]) -> Judged:
        """The result of the members' maps."""
        each = zip(maps, self.scales, strict=True)
        scaled = torch.stack([one.clamp(min=0) / scale for one, scale in each])
        fused_maps = scaled.prod(dim=0) ** (1 / len(self.members))
        return Judged(topk_error(fused_maps), fused_maps)

    def compared(self, images: Tensor) -> tuple[Compared, ...]:
        return tuple(one for member in self.members for one in member.compared(images))

    def engines(self) -> dict[str, Engine]:
        return {f"{m.name}.{name}": engine for m in self.members for name, engine in m.engines().items()}

    def pack(self) -> dict[str, Tensor]:
        kept: dict[str, Tensor] = {}
        for member in self.members:
            kept |= under(f"{member.name}.", member.pack())
        return {**kept, "scales": self.scales}


@dataclass(frozen=True)
class Fusion(Method):
    """kinds: the members' classes, in the order of their names."""

    kinds: tuple[type[Method], ...] = ()

    keeps_aspect: ClassVar[bool] = True
    crops: ClassVar[bool] = True
    cross_fits: ClassVar[bool] = True
    turns_photos: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if any(not (kind.keeps_aspect and kind.crops and kind.cross_fits) for kind in self.kinds):
            raise BadOptions(
                f"{self.options.method}: only methods that read photos in the same way can be fused."
            )

    @property
    def name(self) -> str:  # type: ignore[override]
        return SIGN.join(kind.name for kind in self.kinds)

    @property
    def members(self) -> tuple[Method, ...]:
        return tuple(
            kind(replace(self.options, method=kind.name), self.device, self.geometry, self.sizes)
            for kind in self.kinds
        )

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Taught:
        taught = [member.fit(learned, held_back, watch.silent()) for member in self._reported(watch)]
        good = held_back if len(held_back) else learned
        return self.of(taught, self._scales([one.model for one in taught], good))

    def of(self, taught: Sequence[Taught], scales: Tensor) -> Taught:
        """Trained members as one model."""
        model = FusionModel(self, tuple(one.model for one in taught), scales)
        left_out = tuple(
            one.leave_one_out for one in taught if isinstance(one.leave_one_out, PatchLeaveOneOut)
        )
        summary = {one.model.name: one.how.summary for one in taught}
        leave_one_out = FusionLeaveOneOut(model, left_out) if len(left_out) == len(taught) else None
        return Taught(model, Fitted(summary=summary), leave_one_out)

    def unpack(self, tensors: dict[str, Tensor]) -> FusionModel:
        models = [member.unpack(within(tensors, f"{member.name}.")) for member in self.members]
        if "scales" not in tensors:
            raise BadArtifact("The weights contain no scales.")
        return FusionModel(self, tuple(models), tensors["scales"].to(self.device))

    def _scales(self, models: Sequence[Model], good: ImageCache) -> Tensor:
        """The members' usual scores of good images."""
        some = good.subset(range(min(_SCALED_BY, len(good))))
        sums = torch.zeros(len(models), device=self.device)
        for _, images in some.batches(_BATCH, self.device):
            sums += torch.stack([model.judge(images).scores.sum() for model in models])
        return (sums / len(some)).clamp(min=1e-12)

    def _reported(self, watch: Watch) -> Iterator[Method]:
        """The members, with progress reported before each."""
        for done, member in enumerate(self.members):
            watch.tell("training", done, len(self.kinds))
            yield member
        watch.tell("training", 1, 1)


@dataclass(frozen=True)
class FusionLeaveOneOut:
    """See `LeaveOneOut`: for members that all support leave-one-out."""

    model: FusionModel
    members: tuple[PatchLeaveOneOut, ...]

    def scores(self, learned: ImageCache, watch: Watch) -> list[float]:
        scores = [0.0] * len(learned)
        each = zip(*(member.each(learned, watch) for member in self.members), strict=True)
        for done, measured in enumerate(each, 1):
            number = measured[0][0]
            maps = [
                member.model.judged(measures[None], learned.shapes[number]).maps
                for member, (_, measures) in zip(self.members, measured, strict=True)
            ]
            scores[number] = plain(self.model.fused(maps).scores)[0]
            watch.tell("training", done, len(learned))
        return scores
