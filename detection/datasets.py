"""Folders of photos in MVTec AD layout, and how they are split.

bottle/train/good/000.png                 good parts only, to learn from
bottle/test/good/000.png                  good parts, to judge on
bottle/test/broken/000.png                one folder for each kind of defect
bottle/ground_truth/broken/000_mask.png   where the defect is, if known
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from detection.errors import BadDataset
from detection.images import EXTENSIONS
from detection.types import GOOD, Dataset, LabelledImage

LAYOUT = (
    "Expected layout: <category>/train/good/ with photos of good parts; optionally <category>/test/good/, "
    "<category>/test/<kind of defect>/ and <category>/ground_truth/<kind of defect>/<photo>_mask.png."
)
# With fewer good photos than FEW every fit needs nearly all of them. Up to MANY none is spared where a method
# can score each by a fit, or a part of one, without it; of more some are, for these are enough.
FEW, MANY = 100, 800
_SUFFIXES = frozenset(suffix for suffixes in EXTENSIONS.values() for suffix in suffixes)


def scan(category_dir: Path | str) -> Dataset:
    """The images of a category folder, in the order of their names. Raises BadDataset.

    Hidden files and files that are not named like photos are passed over.
    """
    folder = Path(category_dir)
    if not folder.is_dir():
        raise BadDataset(f"{folder} is not a folder. {LAYOUT}")
    train = _photos(folder / "train" / GOOD)
    if not train:
        raise BadDataset(_no_training_photos(folder))
    test = [
        LabelledImage(photo, label.name, _mask(folder, label.name, photo))
        for label in _folders(folder / "test")
        for photo in _photos(label)
    ]
    return Dataset(folder.resolve().name, tuple(train), tuple(test))


def counts(dataset: Dataset) -> dict[str, int]:
    """How many images: {"train": n, "good": n, "<kind of defect>": n, ...}, kinds in alphabetical order."""
    labels = Counter(image.label for image in dataset.test)
    kinds = sorted(label for label in labels if label != GOOD)
    return {"train": len(dataset.train), GOOD: labels[GOOD], **{kind: labels[kind] for kind in kinds}}


def hold_back(images: Sequence[Path], share: float, seed: int) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Split good training images into (learned from, held back); the same for the same seed.

    At least one image is held back as soon as there are two, and at least one is learned from.
    With a single image nothing can be held back.
    """
    if share <= 0 or len(images) < 2:
        return tuple(images), ()
    count = min(max(1, round(share * len(images))), len(images) - 1)
    held = set(random.Random(seed).sample(range(len(images)), count))  # noqa: S311 - a split, not a secret
    learned = tuple(image for i, image in enumerate(images) if i not in held)
    return learned, tuple(image for i, image in enumerate(images) if i in held)


def folds(count: int) -> int:
    """In how many folds so many good photos are dealt out, each to be scored by a fit on the others."""
    return min(count, 5 if count < FEW else 3)


def deal(count: int, folds: int, seed: int) -> list[list[int]]:
    """The numbers 0 to count - 1 in `folds` groups of nearly equal size, by lot."""
    order = list(range(count))
    random.Random(seed).shuffle(order)  # noqa: S311 - a split, not a secret
    return [sorted(order[fold::folds]) for fold in range(folds)]


def sha256(path: Path) -> str:
    """The hash of a file's bytes, by which an image is known again under another name."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def categories(data_dir: Path | str) -> list[Path]:
    """The category folders in a folder of several, by name: those with a folder train/ in them."""
    return [folder for folder in _folders(Path(data_dir)) if (folder / "train").is_dir()]


def is_photo(path: Path) -> bool:
    """Whether `scan` takes the file for a photo, by its name alone."""
    return path.suffix.lower() in _SUFFIXES and not path.name.startswith(".") and path.is_file()


def _photos(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if is_photo(path))


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _mask(folder: Path, label: str, photo: Path) -> Path | None:
    if label == GOOD:
        return None
    masks = folder / "ground_truth" / label
    names = (f"{photo.stem}_mask.png", f"{photo.stem}.png")
    return next((masks / name for name in names if (masks / name).is_file()), None)


def _no_training_photos(folder: Path) -> str:
    inside = [child.name for child in categories(folder)]
    if inside:
        return f"{folder} holds several categories: give one of them ({', '.join(inside[:5])})."
    if (folder / "train" / GOOD).is_dir():
        return f"{folder / 'train' / GOOD} holds no photos ({', '.join(sorted(_SUFFIXES))}). {LAYOUT}"
    return f"{folder} has no train/{GOOD} folder. {LAYOUT}"
