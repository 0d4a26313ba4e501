"""The levels of a category: the black and the white of all its training photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from detection.errors import UnreadableImage
from detection.photos.images import Extent, Levels, extent
from detection.photos.levels import over
from detection.photos.reading import ahead


def of_files(paths: Sequence[Path], check: Callable[[], None]) -> Levels:
    """From the photos of more than 8 bits; of others only headers are read. `check` is called at each
    photo and may raise. Photos that cannot be read are ignored; they are reported where they are used."""
    extents: list[Extent] = []
    for one in ahead(paths, _extent):
        check()
        extents += [one] if one else []
    return over(extents)


def _extent(path: Path) -> Extent | None:
    with suppress(UnreadableImage, OSError):
        return extent(path)
    return None
