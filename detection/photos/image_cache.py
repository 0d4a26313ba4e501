"""Images by number, each decoded and resized once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from detection.errors import UnreadableImage, UnreadablePhotos
from detection.photos import likeness, traits
from detection.photos.reading import THREADS, ahead
from detection.photos.region import WHOLE, Box
from detection.photos.traits import Traits
from detection.photos.transforms import Prepare, to_unit

Shape = tuple[int, int]
# Resized images of a training are kept in memory up to this many bytes: 5,461 images at 256 px.
CACHE_BYTES = 2**30
_READ_AHEAD = 32


class Batches(Protocol):
    """What a network learns from: tensors by number, in batches of one shape."""

    def __len__(self) -> int: ...

    def batches(
        self, count: int, device: torch.device, order: Tensor | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]: ...


class InTurn:
    """The tensors of another, taken in turn: an epoch has this many, however many there are. As `Batches`."""

    def __init__(self, batches: Batches, epoch: int) -> None:
        self._all, self._epoch, self._next = batches, epoch, 0

    def __len__(self) -> int:
        return self._epoch

    def batches(
        self, count: int, device: torch.device, order: Tensor | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        start, self._next = self._next, (self._next + self._epoch) % len(self._all)
        places = torch.arange(self._epoch) if order is None else order
        yield from self._all.batches(count, device, (start + places) % len(self._all))


def of_one_shape(order: Iterable[int], count: int, shape: Callable[[int], Hashable]) -> Iterator[list[int]]:
    """The numbers in groups of one shape: a group is yielded when it has `count`, and the rest at the end."""
    waiting: dict[Hashable, list[int]] = defaultdict(list)
    for number in order:
        group = waiting[shape(number)]
        group.append(number)
        if len(group) == count:
            yield waiting.pop(shape(number))
    yield from waiting.values()


class ImageCache:
    """Prepared images. They are kept if all of them fit into CACHE_BYTES; otherwise they are prepared at each
    use.

    All images of a batch have the same shape: with methods that keep the aspect ratio, photos may differ in
    shape. shapes: height and width of each image. windows: the part of the photo that each shows. traits: how
    each was taken.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        prepare: Prepare,
        shapes: Sequence[Shape],
        windows: Sequence[Box],
        kept: Sequence[Tensor] | None,
        traits: Sequence[Traits] = (),
    ) -> None:
        self.paths = tuple(paths)
        self.shapes = tuple(shapes)
        self.windows = tuple(windows)
        self.traits = tuple(traits)
        self._prepare = prepare
        self._kept = kept

    def __len__(self) -> int:
        return len(self.paths)

    @cached_property
    def siblings(self) -> tuple[tuple[int, ...], ...]:
        """See `likeness.siblings`."""
        return likeness.siblings([one.thumb for one in self.traits] or [None] * len(self))

    @property
    def kept_bytes(self) -> int:
        """The memory that its images take."""
        return sum(pixels.numel() for pixels in self._kept or ())

    def batch(self, numbers: Tensor, device: torch.device) -> Tensor:
        """float32 [N, 3, H, W] in 0..1, the images with these numbers, all of one shape."""
        return to_unit(torch.stack([self._pixels(number) for number in numbers.tolist()]), device)

    def batches(
        self, count: int, device: torch.device, order: Tensor | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """All images (or those of `order`), at most `count` of one shape at a time: (numbers [N], images [N,
        3, H, W]).

        In order if they all have one shape; otherwise a batch is yielded when it is full, and the rest at the
        end.
        """
        order_of = range(len(self)) if order is None else order.tolist()
        groups = list(of_one_shape(order_of, count, self.shapes.__getitem__))
        numbers = [number for group in groups for number in group]
        # Images that are not kept are decoded in threads while the batch before is used.
        ready = map(self._pixels, numbers) if self._kept is not None else ahead(numbers, self._pixels)
        for group in groups:
            yield torch.tensor(group), to_unit(torch.stack(list(islice(ready, len(group)))), device)

    def subset(self, numbers: Sequence[int]) -> ImageCache:
        """Only these images, numbered from 0; nothing is copied."""
        kept = None if self._kept is None else [self._kept[i] for i in numbers]
        paths = [self.paths[i] for i in numbers]
        shapes, windows = [self.shapes[i] for i in numbers], [self.windows[i] for i in numbers]
        known = [self.traits[i] for i in numbers] if self.traits else ()
        return ImageCache(paths, self._prepare, shapes, windows, kept, known)

    def _pixels(self, number: int) -> Tensor:
        return self._prepare(self.paths[number]).pixels if self._kept is None else self._kept[number]


def fill(
    paths: Sequence[Path],
    prepare: Prepare,
    on_read: Callable[[int], None],
    *,
    cache_bytes: int = CACHE_BYTES,
) -> ImageCache:
    """A cache of these images. `on_read` is called every few images with the number of images read since the
    last call.

    Every file is opened, also if they do not all fit: a photo that cannot be read is reported before hours of
    training, not after. Raises UnreadablePhotos, which names all of them.
    """
    keep = len(paths) * 3 * prepare.size**2 <= cache_bytes
    kept: list[Tensor] = [torch.empty(0)] * len(paths)
    shapes: list[Shape] = [(0, 0)] * len(paths)
    windows: list[Box] = [WHOLE] * len(paths)
    photo_traits: list[Traits] = [Traits(0.0, flat=False)] * len(paths)
    bad: list[UnreadableImage] = []

    def place(number: int) -> None:
        try:
            prepared = prepare(paths[number])
        except UnreadableImage as error:
            bad.append(error)
        else:
            shapes[number] = (prepared.pixels.shape[1], prepared.pixels.shape[2])
            windows[number] = prepared.window
            pixels = prepared.pixels.numpy()
            photo_traits[number] = replace(traits.of(pixels, paths[number]), thumb=likeness.thumb(pixels))
            if keep:
                kept[number] = prepared.pixels

    # Two threads: Pillow releases the interpreter while it decodes and resizes. A few images at a time, so
    # that a cancelled training stops reading.
    with ThreadPoolExecutor(THREADS) as pool:
        for start in range(0, len(paths), _READ_AHEAD):
            numbers = range(start, min(start + _READ_AHEAD, len(paths)))
            list(pool.map(place, numbers))
            on_read(len(numbers))
    if bad:
        raise UnreadablePhotos(bad, len(paths))
    return ImageCache(paths, prepare, shapes, windows, kept if keep else None, photo_traits)
