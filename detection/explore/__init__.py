"""Explore photos before training: what there is, and what is wrong with it.

    from detection import datasets, explore
    description = explore.describe(datasets.scan("data/bottle"))
    explore.write(description, "runs/_explore/bottle")

Needs no torch. Only `write` needs matplotlib, which it imports on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detection.explore.describe import describe
from detection.explore.types import Case, Description, Finding, MeasuredPhoto, Unread
from detection.photos.likeness import Likeness

if TYPE_CHECKING:
    from detection.explore.writing import write, write_all

__all__ = [
    "Case",
    "Description",
    "Finding",
    "Likeness",
    "MeasuredPhoto",
    "Unread",
    "describe",
    "write",
    "write_all",
]


def __getattr__(name: str) -> Any:
    if name in ("write", "write_all"):
        from detection.explore import writing

        return getattr(writing, name)
    raise AttributeError(f"module 'detection.explore' has no attribute {name!r}")
