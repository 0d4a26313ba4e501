"""Networks that were taught on ImageNet, up to the layer with stride 16: feature maps of photos."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torchvision import models

_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
Stages = tuple[nn.Module, nn.Module, nn.Module]


class Backbone(nn.Module):
    """Images [N, 3, H, W] in 0..1 -> feature maps of strides 4, 8 and 16. Never trained here.

    It holds the used layers of torchvision's network of that name, under torchvision's names.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, name: str) -> None:
        super().__init__()
        build, split = _NETWORKS[name]
        self.name = name
        network: Any = build(weights=None)
        for unused in ("layer4", "fc", "avgpool", "classifier"):
            if hasattr(network, unused):
                delattr(network, unused)
        if name == "mobilenet_v2":
            del network.features[14:]
        self.network = network
        self._split = split
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(_DEVIATION).view(1, 3, 1, 1), persistent=False)
        self.eval().requires_grad_(False)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        first, second, third = self._split(self.network)
        fine = first((images - self.mean) / self.deviation)
        middle = second(fine)
        return fine, middle, third(middle)


def _resnet(network: Any) -> Stages:
    stem = nn.Sequential(network.conv1, network.bn1, network.relu, network.maxpool, network.layer1)
    return stem, network.layer2, network.layer3


def _mobilenet(network: Any) -> Stages:
    layers = network.features
    return layers[:4], layers[4:7], layers[7:14]


_NETWORKS: dict[str, tuple[Callable[..., nn.Module], Callable[[Any], Stages]]] = {
    "resnet18": (models.resnet18, _resnet),
    "resnet50": (models.resnet50, _resnet),
    "wide_resnet50_2": (models.wide_resnet50_2, _resnet),
    "mobilenet_v2": (models.mobilenet_v2, _mobilenet),
}
