"""Training of the networks that mark damage, on the measures of a filter bank."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from detection.learning import annealing
from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods.lessons import Examples
from detection.methods.patches import DIMENSIONS
from detection.networks.marker import Marker
from detection.photos.image_cache import ImageCache
from detection.types import TrainOptions

# Each network learns from the photos of all groups but its own, so that each photo has one that never saw it.
NETWORKS = 2
# The weight of damaged places in the loss, because they are rare. The map is corrected for it.
_MARKED = 5.0


def untaught(options: TrainOptions, device: torch.device) -> nn.ModuleList:
    """The networks before training."""
    with torch.random.fork_rng(devices=[]):  # leaves the caller's random numbers unchanged
        torch.manual_seed(options.seed)
        networks = nn.ModuleList(Marker(3 + 2 * DIMENSIONS, options.width) for _ in range(NETWORKS))
    moved: nn.ModuleList = networks.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return moved.eval()


def teach(
    networks: nn.ModuleList,
    examples: Examples,
    nothing: ImageCache,
    options: TrainOptions,
    device: torch.device,
    watch: Watch,
) -> Fitted:
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):  # dropout uses the global generator
        torch.manual_seed(options.seed)
        return annealing.fit(networks, examples, nothing, options, device, watch, loss)


def marks(network: nn.Module, features: Tensor) -> Tensor:
    """A network's confidence that a place is damaged, -ln(1 - probability), in nats: [N, h, w]."""
    odds = network(features.contiguous(memory_format=torch.channels_last))
    return functional.softplus(odds - math.log(_MARKED))


def loss(networks: nn.Module, batch: Tensor, generator: torch.Generator) -> Tensor:
    """The marks of each network on photos of the other groups, compared with the damage."""
    features, where, groups = batch[:, :-2], batch[:, -2], batch[:, -1, 0, 0]
    if torch.rand((), generator=generator) < 0.5:
        features, where = features.flip(3), where.flip(2)
    weight = torch.tensor(_MARKED, device=batch.device)
    total = batch.new_zeros(())
    for number, network in enumerate(networks.children()):
        mine = groups != number
        if mine.any():
            odds = network(features[mine]).float()
            total = total + functional.binary_cross_entropy_with_logits(odds, where[mine], pos_weight=weight)
    return total
