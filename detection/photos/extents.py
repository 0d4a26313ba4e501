"""The levels of a category: what is black and white over all its training photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from detection.errors import UnreadableImage
from detection.photos.images import Extent, Levels, extent
from detection.photos.levels import over
from detection.photos.reading import ahead


def of_files(paths: Sequence[Path], check: Callable[[], None]) -> Levels:
    """From the photos of more than 8 bits; of others only headers are read. `check` is asked at each photo
    and may raise. Those that cannot be read are passed over: they are told of where they are used."""
    found: list[Extent] = []
    for one in ahead(paths, _extent):
        check()
        found += [one] if one else []
    return over(found)


def _extent(path: Path) -> Extent | None:
    with suppress(UnreadableImage, OSError):
        return extent(path)
    return None
