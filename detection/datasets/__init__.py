"""Folders of photos in MVTec AD layout, and how they are split.

bottle/train/good/000.png                 good parts only, to learn from
bottle/test/good/000.png                  good parts, to test on
bottle/test/broken/000.png                one folder for each kind of defect
bottle/ground_truth/broken/000_mask.png   where the defect is, if known

Sub-folders of these are read too. Other accepted names are in `layout`, those of masks in `pairing`.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from detection.datasets import contents, layout
from detection.datasets.refusal import LAYOUT, no_training_photos
from detection.datasets.walk import folders, is_photo
from detection.errors import BadDataset
from detection.files.digest import sha256
from detection.names import printable
from detection.types import GOOD, Dataset

__all__ = [
    "FEW",
    "LAYOUT",
    "MANY",
    "categories",
    "counts",
    "deal",
    "folds",
    "hold_back",
    "is_photo",
    "scan",
    "sha256",
]
# With fewer good photos than FEW, a fit needs nearly all of them. Up to MANY, none is held back where a
# method can score each photo by a fit (or part of one) without it; with more, some are, because the rest is
# enough.
FEW, MANY = 100, 800


def scan(
    category_dir: Path | str,
    *,
    good: Sequence[Path | str] = (),
    test: Sequence[Path | str] = (),
    learn: bool = True,
) -> Dataset:
    """The images of a category folder, sub-folders included, in the order of their paths. Raises BadDataset.

    good: folders of good photos to learn from, instead of train/good. test: instead of test/; folders whose
    sub-folders are labels, or "LABEL=FOLDER" for each label. Both may lie inside `category_dir` or elsewhere.
    learn: refuse a folder without photos to learn from.

    Hidden files are ignored. `notes` of the result list what else was not read, and what was read under
    another name.
    """
    root = Path(category_dir)
    if not root.is_dir():
        raise BadDataset(f"{root} is not a folder. {LAYOUT}")
    places = layout.find(root, good, test)
    read = contents.read(root, places)
    if learn and not read.train:
        raise BadDataset(no_training_photos(root, places.train if good else (), places.train))
    return Dataset(
        printable(root.resolve().name), read.train, read.test, read.names, (*places.notes, *read.notes)
    )


def counts(dataset: Dataset) -> dict[str, int]:
    """How many images: {"train": n, "good": n, "<kind of defect>": n, ...}, kinds in alphabetical order."""
    labels = Counter(image.label for image in dataset.test)
    kinds = sorted(label for label in labels if label != GOOD)
    return {"train": len(dataset.train), GOOD: labels[GOOD], **{kind: labels[kind] for kind in kinds}}


def hold_back(images: Sequence[Path], share: float, seed: int) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Split good training images into (learned from, held back); the same for the same seed.

    With two images or more, at least one is held back and at least one is learned from; a single image is
    never held back.
    """
    if share <= 0 or len(images) < 2:
        return tuple(images), ()
    count = min(max(1, round(share * len(images))), len(images) - 1)
    held = set(random.Random(seed).sample(range(len(images)), count))  # noqa: S311 - a split, not a secret
    learned = tuple(image for i, image in enumerate(images) if i not in held)
    return learned, tuple(image for i, image in enumerate(images) if i in held)


def folds(count: int) -> int:
    """How many folds `count` good photos are dealt to, each of which is scored by a fit on the others."""
    return min(count, 5 if count < FEW else 3)


def deal(
    count: int, folds: int, seed: int, siblings: Sequence[Sequence[int]] | None = None
) -> list[list[int]]:
    """The numbers 0 to count - 1 in `folds` random groups of nearly equal size.

    siblings: of each number those that have to be in its group, itself among them.
    """
    order = list(range(count))
    random.Random(seed).shuffle(order)  # noqa: S311 - a split, not a secret
    if siblings is None or all(len(these) == 1 for these in siblings):
        return [sorted(order[fold::folds]) for fold in range(folds)]
    dealt: list[list[int]] = [[] for _ in range(folds)]
    for these in dict.fromkeys(tuple(siblings[number]) for number in order):
        min(dealt, key=len).extend(these)
    return [sorted(fold) for fold in dealt]


def categories(data_dir: Path | str) -> list[Path]:
    """The category folders in a folder, by name: those that contain a folder train/."""
    return [folder for folder in folders(Path(data_dir)) if layout.is_category(folder)]
