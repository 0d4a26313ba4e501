"""Kinds of values on the command line, for argparse: what is not one ends with a message and code 2."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from detection.options import RANGES


def a_path(text: str) -> Path:
    """An empty path would be the current folder with everything in it."""
    if not text:
        raise argparse.ArgumentTypeError("it is empty: is a variable of your script not set?")
    return Path(text)


def count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("give a number of at least 1")
    return value


def seed(text: str) -> int:
    """In the range of the option of `train`."""
    value = int(text)
    least, most = RANGES["seed"]
    if not least <= value <= most:
        raise argparse.ArgumentTypeError(f"give a whole number from {least:.0f} to {most:.0f}")
    return value


def share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not a share: give a number from 0 to 1, such as 0.9")
    return value


def seconds(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError("give a number of seconds above 0")
    return value
