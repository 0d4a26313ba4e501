"""Which mask belongs to which photo, by their names. Masks of test/scratch/line2/000.png are:

ground_truth/scratch/line2/000_mask.png   or 000.png, or 000_gt.tif
ground_truth/scratch/000_mask.png         if only one photo of a scratch is called 000
ground_truth/000_mask.png                 if only one defective photo is called 000
ground_truth/scratch/000/000.png, 001.png ...    several masks of one photo, as in MVTec LOCO
ground_truth/scratch/000_mask_1.png ...          the same
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from detection.datasets.layout import TEST, role
from detection.photos import masks as contents
from detection.photos.images import EXTENSIONS
from detection.types import GOOD, MaskFiles

_WORD = "mask|masks|gt|groundtruth|ground_truth|label|labels|seg|segmentation|annotation"
_SURE = ("mask", "gt", "groundtruth", "ground_truth")
_AFTER = re.compile(rf"(?P<stem>.+?)[ ._-]*[ ._-](?P<word>{_WORD})(?P<number>[ ._-]?\d+)?", re.IGNORECASE)
_BEFORE = re.compile(rf"(?P<word>{_WORD})[ ._-](?P<stem>.+)", re.IGNORECASE)

_FOLDER = 3  # the kind of name of a mask in a folder named like its photo
_Search = Callable[[PurePath, str], list[Path]]


@dataclass(frozen=True, slots=True)
class Tested:
    """A test photo. inner: its path below the folder of its label."""

    path: Path
    label: str
    inner: PurePath


@dataclass(slots=True)
class Paired:
    """masks: by photo. lost: masks without a photo, each with the reason. good: masks of good photos."""

    masks: dict[Path, MaskFiles] = field(default_factory=dict)
    lost: list[tuple[Path, str]] = field(default_factory=list)
    good: list[Path] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Claim:
    """That a mask may belong to a photo. rank: the lower, the surer. part: whether it is one of several
    masks that together mark the photo."""

    rank: tuple[int, int]
    mask: Path
    part: bool = False


def beside(photos: Iterable[Path]) -> set[Path]:
    """Those files that are the mask of one next to them: 000_mask.png next to 000.png.

    000_label.png, or 000.png next to 000.jpg, may be a photo as well, so its content decides.
    """
    photos = list(photos)
    called: dict[tuple[Path, str], list[Path]] = defaultdict(list)
    for path in photos:
        called[path.parent, _key(path.stem)].append(path)
    found = set()
    for path in photos:
        match = _AFTER.fullmatch(path.stem)
        named = called.get((path.parent, _key(match["stem"])), []) if match else []
        alike = [other for other in called[path.parent, _key(path.stem)] if other != path]
        sure = match is not None and match["word"].lower() in _SURE
        if (named and sure) or _is_drawn_on([*named, *alike], path):
            found.add(path)
    return found


def _is_drawn_on(photos: Sequence[Path], path: Path) -> bool:
    """Whether its content is that of a mask, and that of one of these is not. A JPEG is none, unopened."""
    return (
        bool(photos)
        and contents.drawn(path)
        and any(photo.suffix.lower() in EXTENSIONS["JPEG"] or not contents.drawn(photo) for photo in photos)
    )


def pair(photos: Sequence[Tested], masks: Iterable[tuple[str | None, PurePath, Path]]) -> Paired:
    """masks: (label, or None where its folder has none; path below the folder of its label; file)."""
    paired, places = Paired(), _Places([photo for photo in photos if photo.label != GOOD])
    claims: dict[Path, list[_Claim]] = defaultdict(list)
    for label, inner, mask in masks:
        if label is not None and role(label) == GOOD:
            paired.good.append(mask)
            continue
        matches, claim, why = places.of(label, inner, mask)
        for photo in matches:
            claims[photo].append(claim)
        if not matches:
            paired.lost.append((mask, why))
    for photo, claimed in claims.items():
        _choose(photo, sorted(claimed, key=lambda claim: (claim.rank, claim.mask)), paired)
    return paired


def _choose(photo: Path, claims: Sequence[_Claim], paired: Paired) -> None:
    best = claims[0]
    taken = [claim.mask for claim in claims if claim == best or (claim.part and claim.rank == best.rank)]
    paired.masks[photo] = taken[0] if len(taken) == 1 else tuple(taken)
    paired.lost += [
        (claim.mask, f"{photo.name} has another mask: {best.mask.name}")
        for claim in claims
        if claim.mask not in taken
    ]


class _Places:
    """Defective photos by folder and name."""

    def __init__(self, photos: Sequence[Tested]) -> None:
        self._labels = {_key(photo.label) for photo in photos}
        self._at: dict[tuple[str, ...], list[Path]] = defaultdict(list)
        self._of_label: dict[tuple[str, ...], list[Path]] = defaultdict(list)
        self._called: dict[str, list[Path]] = defaultdict(list)
        for photo in photos:
            label = _key(photo.label)
            for name in dict.fromkeys((_key(photo.path.stem), _key(photo.path.name))):
                self._at[(label, *_folded(photo.inner.parent), name)].append(photo.path)
                self._of_label[label, name].append(photo.path)
                self._called[name].append(photo.path)

    def of(self, label: str | None, inner: PurePath, mask: Path) -> tuple[list[Path], _Claim, str]:
        """The photos that this mask belongs to, how sure that is, and the reason where there are none."""
        if label is not None:
            known = _key(label) in self._labels
            # A folder that is no label may be named like the photo.
            label, inner = (_key(label), inner) if known else (None, label / inner)
        searches: list[_Search] = [self._called_so]
        if label is not None:
            searches = [self._there(label), self._with_label(label)]
        several = ""
        for how, search in enumerate(searches):
            for kind, parent, name in _meanings(inner, exact=how < len(searches) - 1):
                matches = search(parent, name)
                if len(matches) == 1 or (matches and how == 0 and label is not None):
                    part = kind == _FOLDER or (kind == 0 and _numbered(inner))
                    return matches, _Claim((how, kind), mask, part), ""
                several = several or (name if matches else "")
        return [], _Claim((0, 0), mask), self._why(label, inner, several)

    def _there(self, label: str) -> _Search:
        return lambda parent, name: self._at.get((label, *_folded(parent), _key(name)), [])

    def _with_label(self, label: str) -> _Search:
        return lambda parent, name: self._of_label.get((label, _key(name)), [])

    def _called_so(self, parent: PurePath, name: str) -> list[Path]:
        return self._called.get(_key(name), [])

    def _why(self, label: str | None, inner: PurePath, several: str) -> str:
        if several:
            return f"several photos are named {several}: put it into a sub-folder named like its photo's"
        name = next(name for kind, _, name in _meanings(inner, exact=True) if kind != _FOLDER)
        where = "with a defect" if label is None else f"in {TEST}/{label}"
        return f"there is no photo {name} {where}"


def _meanings(inner: PurePath, *, exact: bool) -> Iterator[tuple[int, PurePath, str]]:
    """(kind of name, folder, the photo's name), the likeliest first.

    exact: the photo has to be in that folder. Otherwise a folder named like a photo comes first.
    """
    folder = [(_FOLDER, inner.parent.parent, inner.parent.name)] if inner.parent.name else []
    if not exact:
        yield from folder
    if match := _AFTER.fullmatch(inner.stem):
        yield 0, inner.parent, match["stem"]
    yield 1, inner.parent, inner.stem
    if match := _BEFORE.fullmatch(inner.stem):
        yield 2, inner.parent, match["stem"]
    if exact:
        yield from folder


def _numbered(inner: PurePath) -> bool:
    match = _AFTER.fullmatch(inner.stem)
    return match is not None and match["number"] is not None


def _key(name: str) -> str:
    """Equal for names that people read as equal: macOS stores ü as u and a mark, others as one letter."""
    return unicodedata.normalize("NFC", name).casefold()


def _folded(folder: PurePath) -> tuple[str, ...]:
    return tuple(_key(part) for part in folder.parts)
