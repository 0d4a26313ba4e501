"""Which folder of a category has which role: the names of MVTec AD and their common alternatives.

Names are compared without case, spaces, dots, hyphens and underscores.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from detection.datasets.walk import folders
from detection.errors import BadDataset
from detection.names import printable
from detection.types import GOOD, Note

TRAIN, TEST, MASKS = "train", "test", "ground_truth"
_ROLES = {
    TRAIN: "train training trainset trainingset traindata trainingdata",
    TEST: "test testing tests testset testingset testdata testingdata",
    MASKS: "groundtruth groundtruths gt mask masks",
    GOOD: "good goods ok okay io normal normals nondefective nodefect nodefects notdefective defectfree "
    "faultless flawless pass passed goodparts",
    # No label is renamed to this: it only says that a folder among good photos is not one of them.
    "defect": "ng nok notok nio bad defect defects defective fail failed faulty reject rejects rejected "
    "anomaly anomalies anomalous abnormal ko badparts broken damaged scrap",
}
_ROLE_OF = {name: role for role, names in _ROLES.items() for name in names.split()}


def role(name: str) -> str:
    """The role of a folder by its name: "train", "test", "ground_truth", "good", "defect", or "" if
    unknown."""
    return _ROLE_OF.get(re.sub(r"[\s._-]+", "", name).casefold(), "")


@dataclass(frozen=True, slots=True)
class Source:
    """A folder whose photos all have one label. shown: what the folder is called in messages."""

    folder: Path
    label: str
    shown: str

    def skip_reason(self, name: str) -> str:
        """Why photos in a sub-folder of this name are not used; "" if they are."""
        kind = role(name)
        if kind == MASKS:
            return f"the folder {name} contains masks, not photos"
        if kind == "defect" and self.label == GOOD:
            return f"the folder {name} is among good photos: move it to {TEST}/{name}"
        if kind == GOOD and self.label != GOOD:
            return f"the folder {name} is among photos of {self.label}: move it to {TEST}/{GOOD}"
        return ""


@dataclass(frozen=True, slots=True)
class Layout:
    """train, test: the folders to read. masks: folders of masks. splits: the folders train and test, by
    name; notes report what is not read in them."""

    train: tuple[Source, ...]
    test: tuple[Source, ...]
    masks: tuple[Path, ...]
    splits: tuple[tuple[str, Path], ...]
    notes: tuple[Note, ...]


def find(root: Path, good: Sequence[Path | str] = (), test: Sequence[Path | str] = ()) -> Layout:
    """The folders of a category; `good` and `test` replace those in it. Raises BadDataset."""
    inside = folders(root)
    trains = [] if good else [folder for folder in inside if role(folder.name) == TRAIN]
    tests = [] if test else [folder for folder in inside if role(folder.name) == TEST]
    train = [_good(root, folder) for folder in good] or [
        Source(label, GOOD, _shown(label, root))
        for folder in trains
        for label in folders(folder)
        if role(label.name) == GOOD
    ]
    tested = _given_tests(root, test, {source.folder.resolve() for source in train}) or [
        _labelled(label, root) for folder in tests for label in folders(folder)
    ]
    masks = [folder for folder in inside if role(folder.name) == MASKS]
    splits = [(TRAIN, folder) for folder in trains] + [(TEST, folder) for folder in tests]
    return Layout(
        tuple(train),
        tuple(tested),
        tuple(dict.fromkeys([*masks, *_masks_beside(tested if test else [])])),
        tuple(splits),
        tuple(_synonyms(splits, [] if good else train, [] if test else tested)),
    )


def is_category(folder: Path) -> bool:
    """Whether it contains a folder train."""
    return any(role(inside.name) == TRAIN for inside in folders(folder))


def _good(root: Path, given: Path | str) -> Source:
    folder = _existing(root, given, "--good")
    return Source(folder, GOOD, str(given))


def _given_tests(root: Path, given: Sequence[Path | str], learned: set[Path]) -> list[Source]:
    """For LABEL=FOLDER that folder, for another folder its sub-folders, without those that are learned
    from."""
    sources: list[Source] = []
    for one in given:
        label, equals, name = str(one).partition("=")
        if equals and not _is_folder(root, one):
            if not label:
                raise BadDataset(f"--test {one} has no label: give LABEL=FOLDER, such as scratch=photos/NG.")
            folder = _existing(root, name, f"--test {label}=")
            sources.append(Source(folder, GOOD if role(label) == GOOD else label, name))
        else:
            sources += _labels_in(_existing(root, one, "--test"), learned)
    return sources


def _labels_in(folder: Path, learned: set[Path]) -> list[Source]:
    labels = [
        _labelled(inside, folder.parent)
        for inside in folders(folder)
        if role(inside.name) not in (TRAIN, TEST, MASKS) and inside.resolve() not in learned
    ]
    if not labels:
        raise BadDataset(
            f"--test {folder} contains no label folders such as good or scratch. If all its photos have one "
            f"label, give it: --test LABEL={folder}."
        )
    return labels


def _labelled(folder: Path, root: Path) -> Source:
    label = GOOD if role(folder.name) == GOOD else folder.name
    return Source(folder, label, _shown(folder, root))


def _masks_beside(tested: Sequence[Source]) -> list[Path]:
    """Folders of masks in the folder that contains the labels, or next to it."""
    places = [place for source in tested for place in (source.folder.parent, source.folder.parent.parent)]
    return [
        inside for place in dict.fromkeys(places) for inside in folders(place) if role(inside.name) == MASKS
    ]


def _existing(root: Path, given: Path | str, option: str) -> Path:
    if str(given) == "":  # the category's own folder: its defects would be learned from as good
        raise BadDataset(f"{option} is empty: is a variable of your script not set?")
    for folder in (Path(given), root / given):
        if folder.is_dir():
            return folder
    space = "" if option.endswith("=") else " "
    raise BadDataset(f"{option}{space}{given}: no such folder, neither here nor in {root}.")


def _is_folder(root: Path, given: Path | str) -> bool:
    return Path(given).is_dir() or (root / given).is_dir()


def _shown(folder: Path, root: Path) -> str:
    return folder.relative_to(root).as_posix() if folder.is_relative_to(root) else str(folder)


def _synonyms(
    splits: Sequence[tuple[str, Path]], train: Sequence[Source], test: Sequence[Source]
) -> list[Note]:
    """Folders that are read as something else than their names say."""
    said = [f"{folder.name} is read as {split}" for split, folder in splits if folder.name != split]
    said += [
        f"{source.shown} is read as photos of good parts"
        for source in (*train, *test)
        if source.label == GOOD and source.folder.name != GOOD
    ]
    return [Note("synonym", f"{', '.join(printable(one) for one in said)}.")] if said else []
