"""`unet-repair`: a UNet trained to undo synthetic damage, and to mark where it was."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from detection.damage import Damage
from detection.errors import BadArtifact
from detection.learning import annealing
from detection.learning.progress import Watch
from detection.methods.base import Judged, Method, Model, Taught
from detection.methods.traced import Traced, TracedNetwork
from detection.networks.engine import Engine
from detection.networks.small_unet import SmallUNet
from detection.photos.image_cache import ImageCache
from detection.verdicts.scoring import topk_error

# Damaged places are about 1 % of a picture. Without more weight, no network would learn to repair them,
_REPAIRED = 0.1
# or to mark them: for hundreds of steps it would say only that damage is rare.
_MARKED = 20.0
# Weight of marking against repairing, which is the larger and easier task.
_MARKING = 5.0


@dataclass(frozen=True, eq=False)
class RepairModel(Model):
    """Anomaly map: the network's confidence that a place is damaged, -ln(1 - probability), in nats. Score:
    the mean of the largest 1 % of it. Reconstruction: the photo without the damage."""

    engine: Engine

    def judge(self, images: Tensor) -> Judged:
        with torch.inference_mode():
            return self._judged(self.engine(images))

    def _judged(self, drawn: Tensor) -> Judged:
        # The map is corrected for the weight of damaged places in training.
        maps = functional.softplus(drawn[:, 3] - math.log(_MARKED))
        return Judged(topk_error(maps), maps, drawn[:, :3].clamp(0, 1))

    def traced(self) -> Traced:
        return TracedNetwork(self.engine.network, lambda images, drawn: self._judged(drawn).scores)

    def engines(self) -> dict[str, Engine]:
        return {"network": self.engine}

    def pack(self) -> dict[str, Tensor]:
        return dict(self.engine.network.state_dict())


class UNetRepair(Method):
    """After DRAEM (Zavrtanik, Kristan and Skočaj, ICCV 2021, arXiv:2108.07610)."""

    name = "unet-repair"
    keeps_aspect: ClassVar[bool] = True
    crops: ClassVar[bool] = True

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Taught:
        network = self._network(normalised=True)
        loss = RepairLoss(Damage(self.options.size, self.options.seed, self.device))
        how = annealing.fit(network, learned, held_back, self.options, self.device, watch, loss)
        network.fold()
        return Taught(RepairModel(self, Engine(network)), how)

    def unpack(self, tensors: dict[str, Tensor]) -> RepairModel:
        network = self._network(normalised=False).eval()
        try:
            network.load_state_dict(tensors)
        except RuntimeError as error:
            raise BadArtifact(
                f"The weights do not fit a small UNet of width {self.options.width}."
            ) from error
        return RepairModel(self, Engine(network))

    def _network(self, *, normalised: bool) -> SmallUNet:
        """It has four output channels: the repaired photo, and the weighted log odds of damage."""
        with torch.random.fork_rng(devices=[]):  # leaves the caller's random numbers unchanged
            torch.manual_seed(self.options.seed)
            network = SmallUNet(3, 4, self.options.width, normalised=normalised)
            _begin(network.out)
        moved: SmallUNet = network.to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return moved


def _begin(out: nn.Conv2d) -> None:
    """At first it draws little, and is nearly sure that nothing is damaged: most places are not."""
    marks = out.out_channels // 4
    with torch.no_grad():
        out.weight.mul_(0.1)
        out.bias[:-marks] = 0.0  # type: ignore[index]
        out.bias[-marks:] = -3.0  # type: ignore[index]


class RepairLoss:
    """Damaged photos are the input; the good ones and the masks of the damage are the targets."""

    def __init__(self, damage: Damage) -> None:
        self.damage = damage
        self.weight = torch.tensor(_MARKED, device=damage.device)

    def __call__(self, network: nn.Module, images: Tensor, generator: torch.Generator) -> Tensor:
        damaged, masks = self.damage(images, images, generator)
        drawn: Tensor = network(damaged).float()
        error = (drawn[:, :3] - images).abs().mean(1, keepdim=True)
        repairing = error.mean() + _REPAIRED * (error * masks).sum() / (masks.sum() + 1)
        marking = functional.binary_cross_entropy_with_logits(drawn[:, 3:], masks, pos_weight=self.weight)
        return repairing + _MARKING * marking
