"""How many of the bits that their files have room for the photos use."""

from __future__ import annotations

from collections.abc import Iterator

from detection.explore.types import Finding
from detection.photos.images import Levels

_STORED = 16


def findings(levels: Levels) -> Iterator[Finding]:
    bits = levels.bits()
    if bits is not None and bits < _STORED:
        yield Finding(
            "note",
            "bit_depth",
            f"{bits}-bit photos",
            f"The photos use {bits} of {_STORED} bits. Training treats {2**bits - 1:,} as white, and so "
            "will the model in every later photo: retrain if the camera's bit depth changes.",
        )
