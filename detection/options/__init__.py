"""What training options can be."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any

from detection.errors import BadOptions
from detection.options.catalogue import METHODS, TIMM
from detection.types import TrainOptions

# name: (least, most), both included. size is a multiple of 16 besides.
RANGES: dict[str, tuple[float, float]] = {
    "size": (32, 2048),
    "epochs": (1, 10_000),
    "minutes": (0, 7 * 24 * 60),
    "batch_size": (1, 256),
    "learning_rate": (1e-7, 1.0),
    "width": (1, 256),
    "seed": (0, 2**32 - 1),
    "validate_every": (1, 1_000),
    "patience": (1, 1_000),
    "held_back": (0, 0.5),
    "percentile": (50, 100),
    "target": (0, 1e9),
    "review": (0, 0.5),
    "defect_share": (0.0001, 0.9999),
}
# name: what it can be. The method is checked by `methods`, the device by `device`.
CHOICES: dict[str, tuple[str, ...]] = {
    "threshold": ("auto", "limits", "f1", "percentile", "conformal", "recall", "manual"),
    "crop": ("auto", "off"),
    "augment": ("auto", "off"),
    "backbone": ("resnet18", "resnet50", "wide_resnet50_2", "mobilenet_v2"),
}
# How a network is taught: each method has its own.
LEARNING = ("epochs", "batch_size", "learning_rate", "width", "validate_every", "patience")
WHOLE = frozenset(f.name for f in fields(TrainOptions) if f.type == "int")


def for_method(method: str, **given: Any) -> TrainOptions:
    """Options of a method: what is given, else its own defaults, else those of all. Raises BadOptions."""
    unknown = [name for name in method.split("+") if name not in METHODS]
    if unknown:
        raise BadOptions(f'method is "{method}"; choose {" or ".join(METHODS)}.')
    strange = given.keys() - {field.name for field in fields(TrainOptions)}
    if strange:
        raise BadOptions(f"There is no option {min(strange)}.")
    defaults = {k: v for name in method.split("+") for k, v in METHODS[name].defaults.items()}
    return TrainOptions(**{"method": method, **defaults, **given})


def of_chosen(options: TrainOptions, method: str) -> TrainOptions:
    """The options given to `auto`, for a method that it chose: taught as that one is, in the time left."""
    own = for_method(method)
    learning = {name: getattr(own, name) for name in LEARNING}
    return replace(options, method=method, **learning)


def check(options: TrainOptions) -> None:
    """Raise BadOptions naming the first option that is out of its range, and the range."""
    for name, (least, most) in RANGES.items():
        value = getattr(options, name)
        if isinstance(value, bool) or not isinstance(value, int if name in WHOLE else (int, float)):
            kind = "a whole number" if name in WHOLE else "a number"
            raise BadOptions(f"{name} is {value!r}; it must be {kind}.")
        if not (math.isfinite(value) and least <= value <= most):
            raise BadOptions(
                f"{name} is {_said(value)}; it must be between {_said(least)} and {_said(most)}."
            )
    for name, choices in CHOICES.items():
        if name == "backbone" and options.backbone.startswith(TIMM) and options.backbone != TIMM:
            continue  # of these there are hundreds, and timm says itself which
        if getattr(options, name) not in choices:
            raise BadOptions(f'{name} is "{getattr(options, name)}"; choose {" or ".join(choices)}.')
    most = {"limits": 0.5, "conformal": 0.5, "recall": 1.0}.get(options.threshold, math.inf)
    if options.target > most:
        raise BadOptions(
            f"target is {options.target:g}; for the threshold {options.threshold} it must be a share of at "
            f"most {most:g}, such as 0.05 or 0.95."
        )
    if options.size % 16:
        raise BadOptions(f"size is {options.size}; it must be a multiple of 16, such as 128 or 256.")


def _said(value: float) -> str:
    """Whole numbers in full: no seed is 4.29497e+09."""
    return str(value) if isinstance(value, int) else f"{value:g}"
