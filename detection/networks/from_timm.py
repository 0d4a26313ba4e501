"""timm's networks as backbones: convolutional ones by their stages, plain vision transformers by their
blocks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from detection.errors import BadOptions, LibraryMissing
from detection.faults import raw
from detection.options.catalogue import TIMM

STRIDES = (4, 8, 16)
Maps = tuple[Tensor, Tensor, Tensor]
Strides = tuple[int, int, int]
_USELESS = (
    "this network gives neither feature maps of strides 4, 8 and 16 for photos of any shape nor patch tokens "
    "for photos of any shape. Choose a convolutional network, or a plain vision transformer such as "
    f"{TIMM}vit_small_patch14_dinov2.lvd142m."
)
# What timm's networks raise for indices or photos that they cannot take.
_REFUSALS = (
    AssertionError,
    AttributeError,
    IndexError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Made:
    """A network, the function that computes its maps, and the mean and deviation of colours in its
    pretraining. tokens: see `Backbone`."""

    network: nn.Module
    maps: Callable[[Tensor], Maps]
    mean: Sequence[float]
    deviation: Sequence[float]
    strides: Strides = STRIDES
    tokens: bool = False


def timm_model(name: str, **given: Any) -> Any:
    """timm's network of that name, without weights."""
    try:
        import timm
    except ImportError as error:
        raise LibraryMissing(f"{name} needs timm: pip install -r requirements-timm.txt") from error
    try:
        return timm.create_model(name.removeprefix(TIMM), pretrained=False, **given)
    except (RuntimeError, ValueError) as error:
        raise BadOptions(
            f"timm has no network {name.removeprefix(TIMM)}. Choose one from timm.list_models().",
            details=raw(error),
        ) from error


def hub_id(name: str) -> str:
    """Where timm downloads the weights of its network of that name from; "" where it lists none."""
    from timm.models import get_pretrained_cfg

    listed = get_pretrained_cfg(name.removeprefix(TIMM))
    return (listed and listed.hf_hub_id) or ""


def make(name: str) -> Made:
    """Raises BadOptions if timm is not installed, has no such network, or only one that is of no use here."""
    network = _any_shape(name).eval()
    strides = [stage["reduction"] for stage in network.feature_info]
    try:
        made = (_tokens if len(set(strides)) == 1 else _stages)(network, strides)
        # Not square, and in whole patches of any stride.
        height, width = 2 * max(made.strides), 3 * max(made.strides)
        with torch.inference_mode():
            grids = [tuple(one.shape[2:]) for one in made.maps(torch.zeros(1, 3, height, width))]
    except _REFUSALS as error:
        raise BadOptions(f"{name}: {_USELESS}", details=raw(error)) from error
    if grids != [(height // stride, width // stride) for stride in made.strides]:
        raise BadOptions(f"{name}: {_USELESS}")
    return made


def renamed(network: nn.Module, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Weights as their authors published them, under timm's names: by timm's own function, if the network has
    one. Unchanged if that does not know them."""
    convert = getattr(sys.modules[type(network).__module__], "checkpoint_filter_fn", None)
    if convert is None:
        return tensors
    try:
        converted: dict[str, Tensor] = convert(tensors, network)
    except (*_REFUSALS, KeyError):
        return tensors
    return converted


def _any_shape(name: str) -> Any:
    """Transformers interpolate their positions if asked to when they are created; others do not know that."""
    try:
        return timm_model(name, num_classes=0, dynamic_img_size=True)
    except TypeError:
        return timm_model(name, num_classes=0)


def _stages(network: Any, strides: Sequence[int]) -> Made:
    # Of several maps of one stride the deepest is used.
    places = [max(i for i, s in enumerate(strides) if s == stride) for stride in STRIDES]
    network.prune_intermediate_layers(places, prune_head=True)

    def maps(images: Tensor) -> Maps:
        first, second, third = network.forward_intermediates(images, indices=places, intermediates_only=True)
        return first, second, third

    return _made(network, maps)


def _tokens(network: Any, strides: Sequence[int]) -> Made:
    """Patch tokens after a third, two thirds and all of the blocks, each through the network's last norm, as
    unit vectors: their Euclidean distances then rank as their cosines do (AnomalyDINO, Damm et al. 2025)."""
    if not getattr(network, "dynamic_img_size", False):
        raise NotImplementedError("it takes photos of one shape only")
    patch, depth = strides[0], len(strides)
    blocks = [round(depth * third / 3) - 1 for third in (1, 2, 3)]
    network.prune_intermediate_layers(blocks, prune_norm=False, prune_head=True)

    def maps(images: Tensor) -> Maps:
        whole = in_patches(images, patch)
        each = network.forward_intermediates(whole, indices=blocks, norm=True, intermediates_only=True)
        first, second, third = (functional.normalize(one, dim=1) for one in each)
        return first, second, third

    return _made(network, maps, strides=(patch, patch, patch), tokens=True)


def _made(network: Any, maps: Callable[[Tensor], Maps], **more: Any) -> Made:
    pretrained = network.pretrained_cfg
    return Made(network, maps, pretrained["mean"], pretrained["std"], **more)


def in_patches(images: Tensor, patch: int) -> Tensor:
    """Images [N, 3, H, W] with sides resized to the nearest multiples of the patch; sides that are multiples
    of 16 already fit patches of 8 and 16 px, and are not touched."""
    if STRIDES[-1] % patch == 0:
        return images
    size = [(side + patch // 2) // patch * patch for side in images.shape[2:]]
    return functional.interpolate(images, size=size, mode="bicubic", align_corners=False)
