"""Pretrained networks: feature maps of photos."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from detection.networks import from_timm
from detection.networks.from_timm import Made, Maps
from detection.options.catalogue import TIMM

_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
Stages = tuple[nn.Module, nn.Module, nn.Module]


class Backbone(nn.Module):
    """Images [N, 3, H, W] in 0..1 -> three feature maps. Never trained here.

    It contains the used layers of torchvision's network of that name, or for "timm/NAME" of timm's, under
    their names there. Raises BadOptions if timm is not installed, has no such network, or only one without
    such maps.

    strides: pixels from one place of each map to the next. 4, 8 and 16 for convolutional networks. tokens:
    the maps are patch tokens of a vision transformer, after a third, two thirds and all of its blocks. They
    have one stride, the side of its patches, and are unit vectors, so that distances are those of cosines;
    class token and registers are left out. Sides that are no multiples of the patch are resized to the
    nearest.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        made = from_timm.make(name) if name.startswith(TIMM) else _own(name)
        self.network, self._maps = made.network, made.maps
        self.strides, self.tokens = made.strides, made.tokens
        self.register_buffer("mean", torch.tensor(made.mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(made.deviation).view(1, 3, 1, 1), persistent=False)
        self.eval().requires_grad_(False)

    def forward(self, images: Tensor) -> Maps:
        return self._maps((images - self.mean) / self.deviation)


def _own(name: str) -> Made:
    from torchvision import models  # takes as long to load as torch itself, and most methods do without

    network: Any = getattr(models, name)(weights=None)
    for unused in ("layer4", "fc", "avgpool", "classifier"):
        if hasattr(network, unused):
            delattr(network, unused)
    if name == "mobilenet_v2":
        del network.features[14:]
    first, second, third = _SPLITS[name](network)

    def maps(images: Tensor) -> Maps:
        fine = first(images)
        middle = second(fine)
        return fine, middle, third(middle)

    return Made(network, maps, _MEAN, _DEVIATION)


def _resnet(network: Any) -> Stages:
    stem = nn.Sequential(network.conv1, network.bn1, network.relu, network.maxpool, network.layer1)
    return stem, network.layer2, network.layer3


def _mobilenet(network: Any) -> Stages:
    layers = network.features
    return layers[:4], layers[4:7], layers[7:14]


_SPLITS: dict[str, Callable[[Any], Stages]] = {
    "resnet18": _resnet,
    "resnet50": _resnet,
    "wide_resnet50_2": _resnet,
    "mobilenet_v2": _mobilenet,
}
