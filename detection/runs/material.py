"""The images of a training, read and split."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from detection import datasets
from detection.errors import BadDataset, UnreadableImage, UnreadablePhotos
from detection.judging.calibration import HashedPhoto
from detection.judging.evaluation import left_out, two_labels, unseen
from detection.learning.progress import Watch
from detection.methods.base import Learner
from detection.photos import extents, likeness, traits
from detection.photos.image_cache import CACHE_BYTES, ImageCache, fill
from detection.photos.images import PLAIN, Levels, decode
from detection.photos.region import Region, find
from detection.types import Dataset, TrainOptions

# Number of training photos in which the part is located, and the side that they are shrunk to, px.
_LOOKED_AT = 100
_THUMBNAIL = 512
# The share of near-duplicates up to which they hardly move the limits.
_FEW_ALIKE = 0.1
_SAME = "they show the same picture as training photos"


@dataclass(frozen=True, slots=True)
class Material:
    """Images identified by their hashes, so that no file serves two purposes under two names.

    photos: of the test cache, in its order. hashes: of the images learned from and held back, and of others
    that show the same picture. crossed: none are held back, because each one learned from is scored by a fit
    without it. usual: how the good photos were taken, see `traits.usual`.
    """

    learned: ImageCache
    held_back: ImageCache
    test: ImageCache
    photos: tuple[HashedPhoto, ...]
    hashes: dict[str, list[str]]
    warnings: tuple[str, ...]
    crossed: bool = False
    usual: dict[str, Any] = field(default_factory=dict)


def read(dataset: Dataset, learner: Learner, watch: Watch, *, cache_bytes: int = CACHE_BYTES) -> Material:
    """Raises BadDataset if there is nothing to learn from, or naming the photos that cannot be read."""
    train, copies = _distinct(dataset)
    photos, tested, seen = unseen(dataset, set(train.values()))
    options, prepare = learner.options, learner.prepare
    crossed = 1 < len(train) <= learner.crosses_up_to and options.held_back > 0
    learned, held = datasets.hold_back(list(train), 0 if crossed else options.held_back, options.seed)
    total, done = len(train) + len(tested), 0

    def on_read(count: int) -> None:
        nonlocal done
        done += count
        watch.tell("reading", done, total)

    caches: list[ImageCache] = []
    bad: list[UnreadableImage] = []
    for paths in (learned, held, tested):
        room = cache_bytes - sum(cache.kept_bytes for cache in caches)
        try:
            caches.append(fill(paths, prepare, on_read, cache_bytes=room))
        except UnreadablePhotos as error:
            bad += error.photos
    if bad:
        raise UnreadablePhotos(bad, total)
    good = [*caches[0].traits, *caches[1].traits]
    usual = traits.usual(good)
    warnings = [*traits.check(good, len(dataset.train)), *left_out(seen), *two_labels(photos), *copies]
    once = _once(*caches)
    digests = {**train, **{path: photo.sha256 for path, photo in zip(tested, photos, strict=True)}}
    same = [path for cache, kept in zip(caches, once, strict=True) for path in _others(cache, kept)]
    shown = [cache.subset(kept) for cache, kept in zip(caches, once, strict=True)] if same else caches
    return Material(
        learned=shown[0],
        held_back=shown[1],
        test=shown[2],
        photos=tuple(photos[number] for number in once[2]),
        hashes={
            "learned": [train[path] for path in shown[0].paths],
            "held_back": [train[path] for path in shown[1].paths],
            "same": [digests[path] for path in same],
        },
        warnings=(
            *warnings,
            *_saved_again(sum(path in train for path in same)),
            *left_out([photos[number] for number in range(len(photos)) if number not in once[2]], _SAME),
            *_alike(dataset, shown[0], shown[1], watch),
            *traits.of_test(shown[2].traits, usual),
        ),
        usual=usual,
        crossed=crossed and len(shown[0]) > 1,
    )


def levels(dataset: Dataset, watch: Watch) -> Levels:
    """The black and the white of training photos of more than 8 bits; others are not decoded."""
    return extents.of_files(dataset.train, watch.check)


def region(dataset: Dataset, options: TrainOptions, watch: Watch, levels: Levels = PLAIN) -> Region | None:
    """Where the part is, estimated from some of the training photos; unreadable ones are reported later."""
    photos = []
    count = min(_LOOKED_AT, len(dataset.train))
    for path in random.Random(options.seed).sample(sorted(dataset.train), count):  # noqa: S311 - no secret
        watch.check()
        with suppress(UnreadableImage):
            photo = decode(path, levels=levels)
            photo.thumbnail((_THUMBNAIL, _THUMBNAIL))
            photos.append(photo)
    return find(photos)


def _distinct(dataset: Dataset) -> tuple[dict[Path, str], list[str]]:
    """The training images and their hashes, each file once; and a note about those left out."""
    known: dict[str, Path] = {}
    for path in dataset.train:
        known.setdefault(datasets.sha256(path), path)
    if not known:
        raise BadDataset(f"{dataset.category} has no training photos. {datasets.LAYOUT}")
    copies = len(dataset.train) - len(known)
    said = (
        [f"{copies} of the training photos were excluded: they are duplicates of others."] if copies else []
    )
    return {path: digest for digest, path in known.items()}, said


def _once(learned: ImageCache, held_back: ImageCache, test: ImageCache) -> list[list[int]]:
    """The images of each cache that do not show the same picture as an earlier training photo.

    Files with the same picture differ if it was saved again, with other metadata or in another format. Each
    would explain the other when good photos are scored, and the limits would be far too low.
    """
    seen: set[str] = set()
    kept = []
    for cache in (learned, held_back):
        numbers = []
        for number, one in enumerate(cache.traits):
            if one.picture not in seen:
                seen.add(one.picture)
                numbers.append(number)
        kept.append(numbers)
    return [*kept, [number for number, one in enumerate(test.traits) if one.picture not in seen]]


def _others(cache: ImageCache, kept: Sequence[int]) -> list[Path]:
    numbers = set(kept)
    return [path for number, path in enumerate(cache.paths) if number not in numbers]


def _saved_again(train: int) -> list[str]:
    if not train:
        return []
    return [f"{train} of the training photos were excluded: they show the same picture as others."]


def _alike(dataset: Dataset, learned: ImageCache, held_back: ImageCache, watch: Watch) -> list[str]:
    """A warning if many training photos show the same part, or one shot saved in several ways, and each is
    scored by what was learned from its near-duplicates, which no new part has. That is where some photos are
    held back, or where there are too many near-duplicates (see `ImageCache.siblings`)."""
    good = [*learned.traits, *held_back.traits][: likeness.COMPARED]
    paths = [*learned.paths, *held_back.paths][: likeness.COMPARED]
    names = [dataset.name_of(path) for path in paths]
    thumbs = [one.thumb for one in good if one.thumb is not None]
    if len(thumbs) < len(names):
        return []
    groups = [
        group
        for _, group in likeness.nearly_same(names, thumbs, watch.check).groups
        if len(held_back) or len(group) > likeness.FAMILY * len(names)
    ]
    number = sum(map(len, groups))
    if number <= _FEW_ALIKE * len(names):
        return []
    such = " = ".join(groups[0][:2])
    return [
        f"{number} of {len(names)} training photos are near-duplicates of others ({such}): one part "
        "photographed twice, or one photo saved twice. Each makes the other look usual, so the limits are "
        "too low and good parts may be flagged. Keep one photo of each part, and retrain."
    ]
