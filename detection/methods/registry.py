"""The methods of detection, by name. A new one is a file here and a line in METHODS."""

from __future__ import annotations

import torch

from detection.errors import BadOptions
from detection.methods.auto import Auto
from detection.methods.base import Method
from detection.methods.fusion import SIGN, Fusion, members
from detection.methods.padim import Padim
from detection.methods.partnered import Partnered
from detection.methods.patchcore import Patchcore
from detection.methods.patches import FilterbankMethod, PatchcorePadim
from detection.methods.unet import UNetMethod
from detection.methods.unet_features import UNetFeatures
from detection.methods.unet_repair import UNetRepair
from detection.types import TrainOptions

METHODS: dict[str, type[Method]] = {
    method.name: method
    for method in (
        Auto,
        PatchcorePadim,
        Patchcore,
        Padim,
        FilterbankMethod,
        UNetFeatures,
        UNetMethod,
        UNetRepair,
    )
}


def create(options: TrainOptions, device: torch.device) -> Method:
    """The method that the options name, or the fusion of several ("a+b").

    Raises BadOptions for a name there is none of.
    """
    if SIGN in options.method:
        fused = [create(one, device) for one in members(options)]
        match fused:
            case [PatchcorePadim() as partner, UNetFeatures()]:
                return Partnered(options, device, partner)
        return Fusion(options, device, fused)
    if options.method not in METHODS:
        raise BadOptions(f'method is "{options.method}"; choose {" or ".join(sorted(METHODS))}.')
    return METHODS[options.method](options, device)
