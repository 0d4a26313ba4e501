"""Networks pretrained on ImageNet, up to the layer with stride 16: feature maps of photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torchvision import models

from detection.errors import BadOptions
from detection.faults import raw
from detection.options.catalogue import TIMM

_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_STRIDES = (4, 8, 16)
_USELESS = (
    "this network gives no feature maps of strides 4, 8 and 16 for photos of any shape; choose another."
)
Stages = tuple[nn.Module, nn.Module, nn.Module]
Maps = tuple[Tensor, Tensor, Tensor]


class Backbone(nn.Module):
    """Images [N, 3, H, W] in 0..1 -> feature maps of strides 4, 8 and 16. Never trained here.

    It contains the used layers of torchvision's network of that name, or for "timm/NAME" of timm's, under
    their names there. Raises BadOptions if timm is not installed, has no such network, or only one without
    such maps.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.network, self._maps, mean, deviation = _from_timm(name) if name.startswith(TIMM) else _own(name)
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(deviation).view(1, 3, 1, 1), persistent=False)
        self.eval().requires_grad_(False)

    def forward(self, images: Tensor) -> Maps:
        return self._maps((images - self.mean) / self.deviation)


# A network, the function that computes its maps, and the mean and deviation of colours in its pretraining.
Made = tuple[nn.Module, Callable[[Tensor], Maps], Sequence[float], Sequence[float]]


def _own(name: str) -> Made:
    build, split = _NETWORKS[name]
    network: Any = build(weights=None)
    for unused in ("layer4", "fc", "avgpool", "classifier"):
        if hasattr(network, unused):
            delattr(network, unused)
    if name == "mobilenet_v2":
        del network.features[14:]
    first, second, third = split(network)

    def maps(images: Tensor) -> Maps:
        fine = first(images)
        middle = second(fine)
        return fine, middle, third(middle)

    return network, maps, _MEAN, _DEVIATION


def timm_model(name: str, **given: Any) -> Any:
    """timm's network of that name, without weights."""
    try:
        import timm
    except ImportError as error:
        raise BadOptions(f"{name} needs timm: pip install -r requirements-timm.txt") from error
    try:
        return timm.create_model(name.removeprefix(TIMM), pretrained=False, **given)
    except (RuntimeError, ValueError) as error:
        raise BadOptions(
            f"timm has no network {name.removeprefix(TIMM)}. Choose one from timm.list_models().",
            details=raw(error),
        ) from error


def _from_timm(name: str) -> Made:
    network = timm_model(name, num_classes=0).eval()
    strides = [stage["reduction"] for stage in network.feature_info]
    # Of several maps of one stride the deepest is used.
    places = [max((i for i, s in enumerate(strides) if s == stride), default=-1) for stride in _STRIDES]

    def maps(images: Tensor) -> Maps:
        first, second, third = network.forward_intermediates(images, indices=places, intermediates_only=True)
        return first, second, third

    try:
        network.prune_intermediate_layers(places, prune_head=True)
        with torch.inference_mode():
            sides = [feature_map.shape[2:] for feature_map in maps(torch.zeros(1, 3, 64, 96))]
    except (AssertionError, AttributeError, IndexError, RuntimeError, ValueError) as error:
        raise BadOptions(f"{name}: {_USELESS}", details=raw(error)) from error
    if min(places) < 0 or sides != [(64 // stride, 96 // stride) for stride in _STRIDES]:
        raise BadOptions(f"{name}: {_USELESS}")
    taught = network.pretrained_cfg
    return network, maps, taught["mean"], taught["std"]


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
