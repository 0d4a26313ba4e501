"""What lies in a category's folder and is not used: photos in wrong places, of unread formats, lost masks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from detection import datasets
from detection.explore.types import TEST, TRAIN, Case, Finding
from detection.explore.words import many
from detection.types import GOOD, Dataset

# Pictures by their names that `images` does not read: phones', cameras' own, and others.
_UNREAD = frozenset(
    {".heic", ".heif", ".avif", ".dng", ".raw", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2"}
)
_UNREAD |= {".raf", ".gif", ".jp2", ".jxl", ".psd", ".svg", ".ppm", ".pgm"}


def strays(category_dir: Path, dataset: Dataset) -> list[Finding]:
    """`dataset` is what `datasets.scan` found there."""
    used = {*dataset.train, *(image.path for image in dataset.test)}
    unused = [
        Case((path.relative_to(category_dir).as_posix(),), why)
        for split in (TRAIN, TEST)
        for path, why in _unused(category_dir / split, used)
    ]
    masks = [*_lost_masks(category_dir, dataset)]
    found = []
    if unused:
        text = (
            f"{many(len(unused), 'picture in the folder is', 'pictures in the folder are')} passed over. "
            "Move or convert what belongs to the category, and take out what does not."
        )
        found.append(Finding("warning", "passed_over", "Pictures that are not used", text, tuple(unused)))
    if masks:
        text = (
            f"{many(len(masks), 'mask belongs', 'masks belong')} to no photo: the photo is missing or has "
            "another name. A mask is named <photo>_mask.png."
        )
        found.append(Finding("warning", "mask_lost", "Masks without a photo", text, tuple(masks)))
    return found


def _unused(split: Path, used: set[Path]) -> Iterator[tuple[Path, str]]:
    for path in sorted(split.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(split).parts)
        if hidden or path in used or not path.is_file():
            continue
        if datasets.is_photo(path):
            yield path, _misplaced(split, path)
        elif path.suffix.lower() in _UNREAD:
            yield path, f"{path.suffix} is not read: convert it to JPEG or PNG"


def _misplaced(split: Path, path: Path) -> str:
    depth = len(path.relative_to(split).parts)
    if split.name == TRAIN:
        return f"only {TRAIN}/{GOOD} is learned from"
    return "it is in no folder of a label" if depth == 1 else "it is in a folder within a label's folder"


def _lost_masks(category_dir: Path, dataset: Dataset) -> Iterator[Case]:
    used = {image.mask for image in dataset.test if image.mask}
    for path in sorted((category_dir / "ground_truth").glob("*/*.png")):
        if path not in used and not path.name.startswith("."):
            yield Case((path.relative_to(category_dir).as_posix(),))
