"""The message about a folder without photos to learn from: what it contains, and what to do."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from detection.datasets.layout import MASKS, TEST, TRAIN, Source, is_category, role
from detection.datasets.walk import SUFFIXES, folders, walk
from detection.names import printable
from detection.types import GOOD

LAYOUT = (
    "Expected layout: <category>/train/good/ with photos of good parts; optionally <category>/test/good/, "
    "<category>/test/<kind of defect>/ and <category>/ground_truth/<kind of defect>/<photo>_mask.png."
)
# How many folders are read and how many are listed: somebody may have named a whole disk by mistake.
_MOST, _SHOWN = 2000, 8


def no_training_photos(root: Path, given: Sequence[Source], looked: Sequence[Source]) -> str:
    """given: folders named on the command line. looked: folders in the right place that contain no photos."""
    if given:
        named = ", ".join(source.shown for source in given)
        return " ".join([f"No photos in {named} ({_suffixes()}).", *_closed(given)])
    inside = [child.name for child in folders(root) if is_category(child)]
    if inside and not is_category(root):
        return f"{root} contains several categories: give one of them ({', '.join(inside[:5])})."
    what = (
        f"{looked[0].folder} contains no photos ({_suffixes()})."
        if looked
        else f"{root} has no train/good folder."
    )
    counted = _counted(root)
    says = (what, *_closed(looked), _listed(counted), LAYOUT, _remedy(root, counted))
    return " ".join(part for part in says if part)


def _closed(sources: Sequence[Source]) -> list[str]:
    """Sentences about folders whose photos this program cannot see."""
    closed = [one for source in sources for one in walk(source.folder).unopened]
    return [f"{printable(folder)} was not read: {why}." for folder, why in closed[:_SHOWN]]


def _suffixes() -> str:
    return ", ".join(sorted(SUFFIXES))


def _counted(root: Path) -> Counter[str]:
    """How many photos each folder itself contains; "." is the root."""
    counted: Counter[str] = Counter()
    for place, inside, files in islice(os.walk(root), _MOST):
        inside[:] = sorted(name for name in inside if not name.startswith("."))
        n = sum(Path(name).suffix.lower() in SUFFIXES and not name.startswith(".") for name in files)
        if n:
            counted[Path(place).relative_to(root).as_posix()] = n
    return counted


def _listed(counted: Counter[str]) -> str:
    if not counted:
        return "It contains no photos."
    shown = [
        f"{'the folder itself' if name == '.' else printable(name)} ({n})" for name, n in counted.items()
    ]
    more = f" and {len(shown) - _SHOWN} more folders" if len(shown) > _SHOWN else ""
    return f"Photos were found in {', '.join(shown[:_SHOWN])}{more}."


def _remedy(root: Path, counted: Counter[str]) -> str:
    """The options with which these folders can be used as they are."""
    if not counted:
        return ""
    places = [place for place in counted if not any(role(part) == MASKS for part in Path(place).parts)]
    good = _good(places)
    if good is None:
        return (
            "Or name the folder with photos of good parts only with --good FOLDER, others with --test FOLDER."
        )
    options = [f"--good {_quoted(root, good)}", *_tests(root, places, good)]
    sure = "" if role(Path(good).name) == GOOD else ", if all its photos are of good parts,"
    return f"Or{sure} name the folders: {' '.join(options)}"


def _good(places: Sequence[str]) -> str | None:
    """The most likely folder of good photos: by its name, preferably in train; or the only one."""
    named = [place for place in places if role(Path(place).name) == GOOD and not _in_test(place)]
    train = [place for place in places if role(Path(place).parts[0] if place != "." else "") == TRAIN]
    likely = sorted(named, key=lambda place: place not in train) or train[:1]
    if likely:
        return likely[0]
    return places[0] if len(places) == 1 and not _in_test(places[0]) else None


def _tests(root: Path, places: Sequence[str], good: str) -> list[str]:
    labels = [place for place in places if place not in (good, ".") and not place.startswith(f"{good}/")]
    if not labels:
        return []
    test = next((Path(place).parts[0] for place in labels if _in_test(place)), None)
    if test is not None:
        return [f"--test {_quoted(root, test)}"]
    return ["--test", *(f"{_word(Path(place).name)}={_quoted(root, place)}" for place in labels[:_SHOWN])]


def _in_test(place: str) -> bool:
    return place != "." and role(Path(place).parts[0]) == TEST


def _quoted(root: Path, place: str) -> str:
    return _word(str(root if place == "." else root / place))


def _word(text: str) -> str:
    return f'"{text}"' if " " in text else text
