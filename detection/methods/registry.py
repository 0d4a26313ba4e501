"""The detection methods by name. A new one is a file here and a line in METHODS."""

from __future__ import annotations

import torch

from detection.errors import BadOptions
from detection.methods.base import Method
from detection.methods.diffusion import Diffusion
from detection.methods.fusion import SIGN, Fusion
from detection.methods.padim import Padim
from detection.methods.partnered import Partnered
from detection.methods.patchcore import Patchcore
from detection.methods.patchcore_padim import PatchcorePadim
from detection.methods.patches import FilterbankMethod, PatchMethod
from detection.methods.setting import Geometry, Sizes
from detection.methods.transformer import Transformer, TransformerFilterbank
from detection.methods.unet import UNetMethod
from detection.methods.unet_features import UNetFeatures
from detection.methods.unet_repair import UNetRepair
from detection.options import catalogue
from detection.options.catalogue import AUTO
from detection.types import TrainOptions

METHODS: dict[str, type[Method]] = {
    method.name: method
    for method in (
        PatchcorePadim,
        Patchcore,
        Padim,
        FilterbankMethod,
        UNetFeatures,
        Transformer,
        TransformerFilterbank,
        UNetMethod,
        UNetRepair,
        Diffusion,
    )
}


def create(
    options: TrainOptions, device: torch.device, geometry: Geometry | None = None, sizes: Sizes | None = None
) -> Method:
    """The method that the options name, or a fusion ("a+b"). Raises BadOptions for an unknown
    name and for one given twice."""
    given = (options, device, geometry or Geometry(), sizes or Sizes())
    kinds = tuple(_kind(name) for name in options.method.split(SIGN))
    first, *others = kinds
    if not others:
        return first(*given)
    if len(set(kinds)) < len(kinds):
        raise BadOptions(f"{options.method} names a method twice: fuse different ones.")
    if others == [UNetFeatures] and issubclass(first, PatchMethod):
        return Partnered(*given, partner=first)
    return Fusion(*given, kinds=kinds)


def _kind(name: str) -> type[Method]:
    if name == AUTO:
        raise BadOptions(f"{AUTO} is not a method to fuse or to load: it chooses one.")
    if name not in METHODS:
        raise BadOptions(f'method is "{name}"; choose {" or ".join(sorted(catalogue.METHODS))}.')
    return METHODS[name]
