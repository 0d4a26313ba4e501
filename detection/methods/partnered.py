"""`patchcore-padim+unet-features`, `filterbank+unet-features`: a fusion whose networks are tested together
with the partner."""

from __future__ import annotations

from dataclasses import dataclass, replace

from detection.methods.combine import NETWORKS
from detection.methods.fusion import SIGN
from detection.methods.patchcore_padim import PatchcorePadim
from detection.methods.patches import PatchMethod
from detection.methods.unet_features import UNetFeatures


@dataclass(frozen=True)
class Partnered(UNetFeatures):
    """The map is the geometric mean of the maps of the partner and of `unet-features`, each divided by its
    usual score of good photos, as in any fusion. Unlike in other fusions, good photos and damaged copies
    are scored by partners that have not learned from them, in the pass that trains the networks."""

    partner: type[PatchMethod] = PatchcorePadim

    @property
    def name(self) -> str:  # type: ignore[override]
        return SIGN.join((self.partner.name, NETWORKS))

    @property
    def parts(self) -> tuple[PatchMethod, ...]:
        options = replace(self.options, method=self.partner.name)
        return (*super().parts, self.partner(options, self.device, self.geometry, self.sizes))
