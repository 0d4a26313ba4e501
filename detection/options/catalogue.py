"""The methods that can be chosen, for forms and command lines: names, titles and defaults, without torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

AUTO = "auto"
# Prefix of the names of timm's pretrained networks.
TIMM = "timm/"


@dataclass(frozen=True, slots=True)
class MethodInfo:
    """A method as a person chooses it.

    summary: a sentence. learns: it is trained by gradient descent, so epochs, minutes and a loss curve have a
    meaning. pretrained: it needs a backbone's weights. reconstructs: it draws a reconstruction of the photo.
    denoises: from noise that it is mixed with. compares: with a bank of good patches. differentiable: its
    score has gradients by its feature maps. family: what several categories can share, "" for nothing.
    defaults: the options that differ from TrainOptions() unless they are given.
    """

    name: str
    title: str
    summary: str
    learns: bool = False
    pretrained: bool = False
    reconstructs: bool = False
    denoises: bool = False
    compares: bool = False
    differentiable: bool = False
    family: Literal["", "network", "memory bank"] = ""
    defaults: dict[str, Any] = field(default_factory=dict)


_TRANSFORMER = {
    "size": 320,
    "width": 192,
    "epochs": 16,
    "minutes": 20.0,
    "learning_rate": 2e-3,
    "validate_every": 4,
}

_ALL = (
    MethodInfo(
        AUTO,
        "Automatic",
        "Compares the methods this machine can run on synthetic defects, and uses the best one.",
        learns=True,
        defaults={"size": 320, "minutes": 20.0},
    ),
    MethodInfo(
        "patchcore-padim",
        "PatchCore with PaDiM",
        "Compares patches with good ones, anywhere and at the same place, using a pretrained network.",
        pretrained=True,
        compares=True,
        differentiable=True,
        family="memory bank",
        defaults={"size": 320},
    ),
    MethodInfo(
        "patchcore",
        "PatchCore",
        "Distance to the nearest good patch, using a pretrained network.",
        pretrained=True,
        compares=True,
        differentiable=True,
    ),
    MethodInfo(
        "padim",
        "PaDiM",
        "How far each place is from what is normal there, using a pretrained network.",
        pretrained=True,
        differentiable=True,
    ),
    MethodInfo(
        "filterbank",
        "Filter bank",
        "Compares patches like PatchCore and PaDiM, by fixed filters: ready in a minute or two, no download.",
        compares=True,
        differentiable=True,
        defaults={"size": 320},
    ),
    MethodInfo(
        "unet-features",
        "UNet on a filter bank",
        "A UNet that marks defects from filter-bank measures, trained on synthetic defects.",
        learns=True,
        compares=True,
        defaults={
            "size": 320,
            "width": 48,
            "epochs": 6,
            "minutes": 10.0,
            "batch_size": 16,
            "learning_rate": 2e-3,
        },
    ),
    MethodInfo(
        "transformer",
        "Transformer",
        "Learns to reconstruct the features of good parts, using a pretrained network.",
        learns=True,
        pretrained=True,
        differentiable=True,
        family="network",
        defaults=_TRANSFORMER,
    ),
    MethodInfo(
        "transformer-filterbank",
        "Transformer on a filter bank",
        "The same on fixed filters: no download.",
        learns=True,
        differentiable=True,
        family="network",
        defaults=_TRANSFORMER,
    ),
    MethodInfo(
        "unet-repair",
        "UNet repair",
        "A UNet trained to repair synthetic defects and to mark where they were.",
        learns=True,
        reconstructs=True,
        differentiable=True,
        defaults={"minutes": 8.0, "epochs": 1000, "learning_rate": 2e-3, "validate_every": 10},
    ),
    MethodInfo(
        "diffusion",
        "Diffusion",
        "Mixes the photo with noise and redraws it as a good part, several times; what differs is a defect.",
        learns=True,
        reconstructs=True,
        denoises=True,
        defaults={
            "size": 128,
            "epochs": 150,
            "minutes": 15.0,
            "learning_rate": 2e-3,
            "validate_every": 10,
        },
    ),
    MethodInfo(
        "unet",
        "UNet autoencoder",
        "Learns to reconstruct good parts; what it cannot reconstruct is a defect. The simple baseline.",
        learns=True,
        reconstructs=True,
        differentiable=True,
    ),
)

METHODS: dict[str, MethodInfo] = {method.name: method for method in _ALL}

# Titles of the pretrained networks.
BACKBONES = {
    "resnet18": "ResNet-18",
    "resnet50": "ResNet-50",
    "wide_resnet50_2": "Wide ResNet-50",
    "mobilenet_v2": "MobileNetV2",
}
# Those of timm that forms offer: general networks whose patches are compared well, as far as literature says.
WELL_KNOWN = {
    "timm/vit_small_patch14_dinov2.lvd142m": "DINOv2 small",
    "timm/vit_base_patch14_dinov2.lvd142m": "DINOv2 base",
    "timm/vit_small_patch16_dinov3.lvd1689m": "DINOv3 small",
    "timm/convnext_tiny.dinov3_lvd1689m": "DINOv3 ConvNeXt tiny",
    "timm/vit_tiny_patch16_224.augreg_in21k_ft_in1k": "ViT tiny",
}


def backbone_title(name: str) -> str:
    """Such as “ResNet-18”. timm's networks keep their name, because files are named after it; most have no
    other."""
    if name in WELL_KNOWN:
        return f"{WELL_KNOWN[name]} ({name})"
    return BACKBONES.get(name, name)


def needs_weights(method: str) -> bool:
    """Whether a method, or a part of a fusion "a+b", needs the weights of a pretrained network."""
    return any(METHODS[name].pretrained for name in method.split("+") if name in METHODS)
