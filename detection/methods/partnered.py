"""`patchcore-padim+unet-features`: the two fused, the network judged together with its partner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import torch
from torch import Tensor

from detection.methods.fusion import SIGN
from detection.methods.patches import PatchMethod, within
from detection.methods.unet_features import NAME, Seen, UNetFeatures, Way
from detection.networks.engine import Engine
from detection.types import TrainOptions
from detection.verdicts.scoring import topk_error


class Partnered(UNetFeatures):
    """The map is the geometric mean of the partner's and that of `unet-features`, each in units of its
    usual score of good photos, as in any fusion. Unlike in others, good photos and damaged copies are
    scored by partners that have not learned from them, in the pass that teaches the networks."""

    def __init__(self, options: TrainOptions, device: torch.device, partner: PatchMethod) -> None:
        super().__init__(options, device)
        self.partner = partner
        self.usual = torch.ones(3, device=device)

    @property
    def name(self) -> str:  # type: ignore[override]
        return SIGN.join((self.partner.name, NAME))

    def anew(self) -> Self:
        other = type(self)(self.options, self.device, self.partner.anew())
        return other.with_geometry(self.region, self.turns, self.levels)

    @property
    def parts(self) -> tuple[PatchMethod, ...]:
        return (self.base, self.partner)

    def ways(self, weight: float | None = None) -> dict[str, Way]:
        both = {name: SIGN.join((self.partner.name, name)) for name in super().ways()}
        fused = {
            other: self._fused(super(Partnered, self).ways(weight or self.weight(other))[name])
            for name, other in both.items()
        }
        return {self.partner.name: self._partners, **super().ways(weight), **fused}

    def engines(self) -> dict[str, Engine]:
        return {f"partner.{name}": engine for name, engine in self.partner.engines().items()}

    def tensors(self) -> dict[str, Tensor]:
        kept = {f"partner.{name}": value for name, value in self.partner.tensors().items()}
        return {**super().tensors(), **kept}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        super().restore(tensors)
        self.partner.restore(within(tensors, "partner."))

    def _partners(self, products: Tensor, marks: Tensor) -> Tensor:
        return products[..., 1, :, :] / self.usual[2]

    def _fused(self, way: Way) -> Way:
        return lambda products, marks: (self._partners(products, marks) * way(products, marks)).sqrt()

    def _usual(self, good: Sequence[Seen]) -> Tensor:
        partners = torch.cat([topk_error(seen.products[1:]) for seen in good])
        return torch.cat([super()._usual(good), partners.mean()[None]])
