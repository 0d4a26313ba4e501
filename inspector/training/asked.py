"""What the form for a training asks, in which words, and its initial values."""

import math
from typing import Any

from detection import TrainOptions
from detection.options.catalogue import METHODS
from detection.options.table import Option, hosted
from inspector.registry.methods import applies
from inspector.training.options import DEFAULT_METHOD, RANGES

USUAL = TrainOptions()
# Options that the form asks in its own words. See `further` for those in the table's words.
PLAIN = ("size", "minutes", "epochs", "backbone")
# Asked only where the method uses them: the fields of a group are shown and hidden together.
GROUPS = ("learning", "time", "noise", "pretrained")
# The field that asks for what a policy aims at, and what it begins with.
AIMS = {
    "limits": "anomalous",
    "conformal": "flagged",
    "recall": "found",
    "f1": "defective",
    "percentile": "percentile",
    "manual": "score",
}
USUAL_AIMS = {
    "anomalous": "1",
    "flagged": "1",
    "found": "95",
    "defective": "5",
    "percentile": "99",
    "score": "",
}
# Aims in percent of parts, and those that may be left empty for the usual one.
TARGETS = ("anomalous", "flagged", "found")
OPTIONAL_AIMS = ("anomalous", "defective")
# Options that only one policy goes by: the form asks for them with it.
OF_A_POLICY = {"percentile": "percentile", "f1": "defect_share"}
# Work grows with the pixels, in learning and at each verdict; each line compares it with 320 px.
# What matters comes first: a closed list on a phone shows about 35 letters.
SIZES = {
    128: "128 px: large defects, 1/6 of the work",
    192: "192 px: 1/3 of the work",
    256: "256 px: 2/3 of the work",
    320: "320 px: usual for most methods",
    384: "384 px: small defects, 1.4 x the work",
    512: "512 px: small defects, 2.6 x the work",
    768: "768 px: hairlines, 6 x the work",
    1024: "1024 px: hairlines, 10 x the work",
}
BACKBONES = {  # with a word each; the titles alone are in detection.options.catalogue
    "resnet18": "ResNet-18: small and quick",
    "resnet50": "ResNet-50: larger",
    "wide_resnet50_2": "Wide ResNet-50: the largest",
    "mobilenet_v2": "MobileNetV2: the smallest",
    "timm/vit_small_patch14_dinov2.lvd142m": "DINOv2 small: transformer, 4 x the work",
    "timm/vit_base_patch14_dinov2.lvd142m": "DINOv2 base: transformer, 13 x the work",
    "timm/vit_small_patch16_dinov3.lvd1689m": "DINOv3 small: transformer, 3 x the work",
    "timm/convnext_tiny.dinov3_lvd1689m": "DINOv3 ConvNeXt tiny: 3 x the work",
    "timm/vit_tiny_patch16_224.augreg_in21k_ft_in1k": "ViT tiny: the smallest transformer",
}


def further() -> tuple[Option, ...]:
    """The options that few have a reason to change."""
    return tuple(option for option in hosted() if option.of != "verdicts" and option.name not in PLAIN)


def uses(method: str) -> list[str]:
    """The groups of options that a method has a use for."""
    return [group for group in GROUPS if any(o.of == group and applies(o.name, method) for o in hosted())]


def begin(usual: dict[str, Any]) -> dict[str, Any]:
    """What the fields begin with; numbers as people write them."""
    asked = (*PLAIN, *(option.name for option in further()))
    begin = {name: as_written(usual.get(name, "")) for name in asked} | USUAL_AIMS
    policy = usual.get("threshold", "auto")
    aim = AIMS.get(policy, "")
    if aim in TARGETS:
        begin[aim] = as_written(100 * usual["target"]) if usual.get("target") else USUAL_AIMS[aim]
    elif aim == "score":
        begin[aim] = as_written(usual.get("target", ""))
    elif policy == "percentile":
        begin[aim] = as_written(usual.get("percentile", 99.0))
    elif policy == "f1":
        begin[aim] = as_written(100 * usual.get("defect_share", USUAL.defect_share))
    return begin | {"threshold": policy, "review": as_written(100 * usual.get("review", USUAL.review))}


def sizes(last: int | None, photo: tuple[int, int] | None) -> list[tuple[int, str]]:
    """The sizes to choose from, with what each costs: the usual ones, that of last time, and where photos
    (`photo`: width and height) have more pixels than methods take by themselves, the one that takes all."""
    offered = SIZES | ({last: SIZES.get(last, f"{last} px, as last time")} if last else {})
    native = math.sqrt(photo[0] * photo[1]) if photo else 0
    usual, limits = METHODS[DEFAULT_METHOD].defaults["size"], RANGES["size"]
    if photo and native > usual:
        size = min(int(limits.high), limits.step * round(native / limits.step))
        what = "full size" if native < limits.high + limits.step else "the largest"
        work = f"{(size / usual) ** 2:.2g} x the work"
        offered[size] = f"{size} px: {what}, {work} ({photo[0]} x {photo[1]} px)"
    return sorted(offered.items())


def others(usual: dict[str, Any], method: str) -> dict[str, Any]:
    """The options of last time that the form does not ask for: those of another policy."""
    kept = {*OF_A_POLICY.values()} - {OF_A_POLICY.get(usual.get("threshold", "auto"), "")}
    return {name: value for name, value in usual.items() if name in kept and applies(name, method)}


def as_written(value: Any) -> str:
    """As a person would write it into a field."""
    return f"{value:.10g}" if isinstance(value, int | float) else str(value)
