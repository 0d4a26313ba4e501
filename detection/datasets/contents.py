"""The photos and masks in a category's folders, what each is called, and what is to be said of the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from detection.datasets import folder_notes, pairing
from detection.datasets.layout import MASKS, TEST, TRAIN, Layout, Source, is_category, role
from detection.datasets.pairing import Tested
from detection.datasets.walk import MASK_SUFFIXES, Found, folders, is_photo, walk
from detection.names import printable
from detection.types import LabelledImage, Note


@dataclass(frozen=True, slots=True)
class Contents:
    """See `types.Dataset`."""

    train: tuple[Path, ...]
    test: tuple[LabelledImage, ...]
    names: dict[Path, str]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """What was found in one source; masks: files that are the mask of a photo beside them."""

    source: Source
    found: Found
    masks: list[Path]

    def inner(self, path: Path) -> PurePath:
        return path.relative_to(self.source.folder)


def read(root: Path, layout: Layout) -> Contents:
    train, tested = [_read(source) for source in layout.train], [_read(source) for source in layout.test]
    masks = [(folder, walk(folder, taken=MASK_SUFFIXES)) for folder in layout.masks]
    photos = [Tested(path, one.source.label, one.inner(path)) for one in tested for path in one.found.photos]
    beside = [(one.source.label, one.inner(path), path) for one in tested for path in one.masks]
    paired = pairing.pair(photos, [*beside, *_labelled(masks)])
    paired.lost += [left for _, found in masks for left in found.left]
    rest = _rest(root, layout, [*train, *tested])
    for _, found in masks:
        rest.others += found.others
        rest.closed += found.closed
    rest.left += [(path, "it is the mask of a photo next to it") for one in train for path in one.masks]
    test = [LabelledImage(photo.path, photo.label, paired.masks.get(photo.path)) for photo in photos]
    counted = [
        (one.source.shown, [one.inner(path) for path in one.found.photos]) for one in (*train, *tested)
    ]
    return Contents(
        tuple(path for one in train for path in one.found.photos),
        tuple(sorted(test, key=lambda image: image.label)),
        {**_names(train), **_names(tested)},
        tuple(folder_notes.notes(root, counted, rest, paired)),
    )


def _read(source: Source) -> _Read:
    found = walk(source.folder, source.closed)
    masks = pairing.beside(found.photos)
    found.photos = [path for path in found.photos if path not in masks]
    return _Read(source, found, sorted(masks))


def _labelled(masks: Sequence[tuple[Path, Found]]) -> Iterator[tuple[str | None, PurePath, Path]]:
    for folder, found in masks:
        for path in found.photos:
            first, *inner = path.relative_to(folder).parts
            yield (first, PurePath(*inner), path) if inner else (None, PurePath(first), path)


def _rest(root: Path, layout: Layout, read: Sequence[_Read]) -> Found:
    """What is left in the folders that are read, and what lies beside them."""
    rest = Found()
    for one in read:
        rest.add(one.found)
    sources = {one.source.folder for one in read}
    for split, folder in layout.splits:
        found = walk(folder, skip=sources)
        why = f"only {TRAIN}/good is used for training" if split == TRAIN else "it is not in a label folder"
        found.left += [(path, why) for path in found.photos]
        rest.add(found)
    for folder in folders(root):
        used = any(source.is_relative_to(folder) for source in sources)
        if not used and role(folder.name) not in (TRAIN, TEST, MASKS) and not is_category(folder):
            count = len(walk(folder).photos)
            if count:
                why = f"it is not {TRAIN}, {TEST} or {MASKS}; photos in it: {count:,}"
                rest.closed.append((folder, why))
    if root not in sources:
        rest.left += [(path, f"it is not in {TRAIN}/good or {TEST}") for path in _photos(root)]
    return rest


def _photos(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if is_photo(path)]


def _names(read: Sequence[_Read]) -> dict[Path, str]:
    """Of photos in sub-folders, and of those that are called as another one of their label."""
    names: dict[Path, str] = {}
    taken: dict[str, set[str]] = defaultdict(set)
    for one in read:
        for path in one.found.photos:
            name = _free(path, one.source, taken[one.source.label])
            taken[one.source.label].add(name)
            if name != path.name:
                names[path] = name
    return names


def _free(path: Path, source: Source, taken: set[str]) -> str:
    """The path within the source; with the folders above it where that name is another photo's."""
    for folder in (source.folder, *source.folder.parents):
        name = printable(path.relative_to(folder).as_posix())
        if name not in taken:
            return name
    return printable(path)
