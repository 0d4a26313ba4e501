"""Ranges, choices and defaults of training options, from the `table` of them."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any

from detection.errors import BadOptions
from detection.options.catalogue import METHODS
from detection.options.table import TABLE
from detection.types import TrainOptions

# name: (least, most), both included; and the choices of texts. The method is checked by `methods`, the device
# by `device`; `weights` is a file and is not checked here.
RANGES = {option.name: (option.least, option.most) for option in TABLE if option.number}
CHOICES = {option.name: option.choices for option in TABLE if option.choices}
# How a network is trained: each method has its own.
LEARNING = tuple(option.name for option in TABLE if option.of == "learning")
WHOLE = frozenset(option.name for option in TABLE if option.whole)
STEPS = {option.name: option.step for option in TABLE if option.step > 1}
# What the target of each threshold may be at most.
_TARGETS = {"auto": 0.5, "limits": 0.5, "conformal": 0.5, "recall": 1.0, "manual": math.inf}


def for_method(method: str, **given: Any) -> TrainOptions:
    """Options for a method: those given, then the method's own defaults, then the common ones. Raises
    BadOptions."""
    unknown = [name for name in method.split("+") if name not in METHODS]
    if unknown:
        raise BadOptions(f'method is "{method}"; choose {" or ".join(METHODS)}.')
    strange = given.keys() - {field.name for field in fields(TrainOptions)}
    if strange:
        raise BadOptions(f"There is no option {min(strange)}.")
    defaults = {k: v for name in method.split("+") for k, v in METHODS[name].defaults.items()}
    return TrainOptions(**{"method": method, **defaults, **given})


def of_chosen(options: TrainOptions, method: str) -> TrainOptions:
    """The options given to `auto`, for a method that it chose: with that method's own training options, in
    the time left."""
    own = for_method(method)
    learning = {name: getattr(own, name) for name in LEARNING}
    return replace(options, method=method, **learning)


def check(options: TrainOptions) -> None:
    """Raise BadOptions, which names the first option that is out of range, and the range."""
    for name, (least, most) in RANGES.items():
        value = getattr(options, name)
        if isinstance(value, bool) or not isinstance(value, int if name in WHOLE else (int, float)):
            kind = "a whole number" if name in WHOLE else "a number"
            raise BadOptions(f"{name} is {value!r}; it must be {kind}.")
        if not (math.isfinite(value) and least <= value <= most):
            raise BadOptions(
                f"{name} is {_said(value)}; it must be between {_said(least)} and {_said(most)}."
            )
    for option in TABLE:
        if option.choices and not option.takes(given := getattr(options, option.name)):
            raise BadOptions(f'{option.name} is "{given}"; choose {" or ".join(option.wanted)}.')
    _check_target(options)
    for name, step in STEPS.items():
        if (value := getattr(options, name)) % step:
            such = f"{8 * step} or {16 * step}"
            raise BadOptions(f"{name} is {value}; it must be a multiple of {step}, such as {such}.")


def _check_target(options: TrainOptions) -> None:
    """A target that is silently not used would be taken for a promise."""
    if options.target and options.threshold not in _TARGETS:
        raise BadOptions(
            f"target is {options.target:g}, but the threshold {options.threshold} has no target: leave it "
            f"out, or choose {' or '.join(_TARGETS)}."
        )
    if options.threshold == "manual" and not options.target:
        raise BadOptions("The threshold manual needs a target above 0: the score at or above which to flag.")
    most = _TARGETS.get(options.threshold, math.inf)
    if options.target > most:
        such = "0.95" if options.threshold == "recall" else "0.02 for 2 %"
        raise BadOptions(
            f"target is {options.target:g}; for the threshold {options.threshold} it must be a share of at "
            f"most {most:g}, such as {such}."
        )


def _said(value: float) -> str:
    """Whole numbers in full: never a seed of 4.29497e+09."""
    return str(value) if isinstance(value, int) else f"{value:g}"
