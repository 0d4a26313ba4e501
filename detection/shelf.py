"""Images by number, decoded and resized once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from torch import Tensor

from detection.errors import BadDataset, UnreadableImage
from detection.transforms import Prepare, to_unit

# Resized images are kept in memory up to this many bytes for each shelf: 5,461 images at 256 px.
CACHE_BYTES = 2**30
_READ_AHEAD = 32


class Shelf:
    """Prepared images. Those that fit into CACHE_BYTES are kept; more are prepared anew at each use."""

    def __init__(self, paths: Sequence[Path], size: int, kept: Tensor | None = None) -> None:
        self.paths = tuple(paths)
        self._prepare = Prepare(size)
        self._kept = kept

    def __len__(self) -> int:
        return len(self.paths)

    def batch(self, numbers: Tensor, device: torch.device) -> Tensor:
        """float32 [N, 3, size, size] in 0..1 of the images with these numbers."""
        if self._kept is not None:
            return to_unit(self._kept[numbers], device)
        return to_unit(torch.stack([self._prepare(self.paths[i]) for i in numbers.tolist()]), device)

    def batches(self, count: int, device: torch.device) -> Iterator[Tensor]:
        """All images in order, `count` at a time."""
        for start in range(0, len(self), count):
            yield self.batch(torch.arange(start, min(start + count, len(self))), device)


def fill(
    paths: Sequence[Path], size: int, on_read: Callable[[int], None], *, cache_bytes: int = CACHE_BYTES
) -> Shelf:
    """A shelf of these images. `on_read` hears, every few images, how many were read since it heard last.

    Every file is opened now, also when they do not all fit: a photo that cannot be read is named
    before hours of training and not after. Raises BadDataset naming all of them.
    """
    keep = len(paths) * 3 * size * size <= cache_bytes
    kept = torch.empty((len(paths) if keep else 0, 3, size, size), dtype=torch.uint8)
    prepare, bad = Prepare(size), list[str]()

    def place(number: int) -> None:
        try:
            prepared = prepare(paths[number])
        except UnreadableImage as error:
            bad.append(str(error))
        else:
            if keep:
                kept[number] = prepared

    # Two threads: Pillow lets go of the interpreter while it decodes and resizes. A few images at a
    # time, so that a cancelled training does not go on reading.
    with ThreadPoolExecutor(2) as pool:
        for start in range(0, len(paths), _READ_AHEAD):
            numbers = range(start, min(start + _READ_AHEAD, len(paths)))
            list(pool.map(place, numbers))
            on_read(len(numbers))
    if bad:
        raise BadDataset(_list(sorted(bad), len(paths)))
    return Shelf(paths, size, kept if keep else None)


def _list(bad: list[str], total: int) -> str:
    shown = " ".join(bad[:5]) + (f" (and {len(bad) - 5} more)" if len(bad) > 5 else "")
    return f"{len(bad)} of {total} photos cannot be read; take them out or replace them. {shown}"
