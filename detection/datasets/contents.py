"""The photos and masks in a category's folders, their names, and notes about everything else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from detection.datasets import folder_notes, pairing
from detection.datasets.layout import MASKS, TEST, TRAIN, Layout, Source, is_category, role
from detection.datasets.pairing import Tested
from detection.datasets.walk import MASK_SUFFIXES, Listing, folders, is_photo, walk
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
    """One source after its folder was read. masks: files that are the mask of a photo next to them."""

    source: Source
    listing: Listing
    masks: list[Path]

    def inner(self, path: Path) -> PurePath:
        return path.relative_to(self.source.folder)


def read(root: Path, layout: Layout) -> Contents:
    train, tested = [_read(source) for source in layout.train], [_read(source) for source in layout.test]
    masks = [(folder, walk(folder, taken=MASK_SUFFIXES)) for folder in layout.masks]
    photos = [
        Tested(path, one.source.label, one.inner(path)) for one in tested for path in one.listing.photos
    ]
    beside = [(one.source.label, one.inner(path), path) for one in tested for path in one.masks]
    paired = pairing.pair(photos, [*beside, *_labelled(masks)])
    paired.lost += [skipped for _, listing in masks for skipped in listing.skipped]
    rest = _rest(root, layout, [*train, *tested])
    for _, listing in masks:
        rest.others += listing.others
        rest.unopened += listing.unopened
    rest.skipped += [(path, "it is the mask of a photo next to it") for one in train for path in one.masks]
    test = [LabelledImage(photo.path, photo.label, paired.masks.get(photo.path)) for photo in photos]
    counted = [
        (one.source.shown, [one.inner(path) for path in one.listing.photos]) for one in (*train, *tested)
    ]
    return Contents(
        tuple(path for one in train for path in one.listing.photos),
        tuple(sorted(test, key=lambda image: image.label)),
        {**_names(train), **_names(tested)},
        tuple(folder_notes.notes(root, counted, rest, paired)),
    )


def _read(source: Source) -> _Read:
    listing = walk(source.folder, source.skip_reason)
    masks = pairing.beside(listing.photos)
    listing.photos = [path for path in listing.photos if path not in masks]
    return _Read(source, listing, sorted(masks))


def _labelled(masks: Sequence[tuple[Path, Listing]]) -> Iterator[tuple[str | None, PurePath, Path]]:
    for folder, listing in masks:
        for path in listing.photos:
            first, *inner = path.relative_to(folder).parts
            yield (first, PurePath(*inner), path) if inner else (None, PurePath(first), path)


def _rest(root: Path, layout: Layout, read: Sequence[_Read]) -> Listing:
    """What is not used in the folders that are read, and what lies next to them."""
    rest = Listing()
    for one in read:
        rest.add(one.listing)
    sources = {one.source.folder for one in read}
    for split, folder in layout.splits:
        listing = walk(folder, skip=sources)
        why = f"only {TRAIN}/good is used for training" if split == TRAIN else "it is not in a label folder"
        listing.skipped += [(path, why) for path in listing.photos]
        rest.add(listing)
    for folder in folders(root):
        used = any(source.is_relative_to(folder) for source in sources)
        if not used and role(folder.name) not in (TRAIN, TEST, MASKS) and not is_category(folder):
            count = len(walk(folder).photos)
            if count:
                why = f"it is not {TRAIN}, {TEST} or {MASKS}; photos in it: {count:,}"
                rest.unopened.append((folder, why))
    if root not in sources:
        rest.skipped += [(path, f"it is not in {TRAIN}/good or {TEST}") for path in _photos(root)]
    return rest


def _photos(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if is_photo(path)]


def _names(read: Sequence[_Read]) -> dict[Path, str]:
    """Names of photos in sub-folders, and of those that share their file name with another one of their
    label."""
    names: dict[Path, str] = {}
    taken: dict[str, set[str]] = defaultdict(set)
    for one in read:
        for path in one.listing.photos:
            name = _free(path, one.source, taken[one.source.label])
            taken[one.source.label].add(name)
            if name != path.name:
                names[path] = name
    return names


def _free(path: Path, source: Source, taken: set[str]) -> str:
    """The path inside the source, preceded by parent folders where another photo has that name."""
    for folder in (source.folder, *source.folder.parents):
        name = printable(path.relative_to(folder).as_posix())
        if name not in taken:
            return name
    return printable(path)
