"""The same photo more than once, and what that means: it depends on the splits and labels of the copies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from detection.explore.types import Case, Finding, MeasuredPhoto, Severity
from detection.explore.words import many
from detection.photos.likeness import Likeness

Group = tuple[str, tuple[MeasuredPhoto, ...]]


@dataclass(frozen=True, slots=True)
class _Meaning:
    """what: of one such group and of several; the remedy follows as a sentence of its own."""

    severity: Severity
    code: str
    title: str
    what: tuple[str, str]
    remedy: str


# By the kind of a group (see `_kind`).
_EXACT = {
    "conflict": _Meaning(
        "error",
        "conflict",
        "The same photo under two labels",
        ("photo is stored under two labels.", "photos are stored under two labels."),
        "At least one label is wrong: keep the photo under the right one and remove the other.",
    ),
    "leak": _Meaning(
        "error",
        "leak",
        "The same photo in training and test",
        ("photo is in both training and test.", "photos are in both training and test."),
        "Testing on training photos makes the metrics look too good: remove one of the two.",
    ),
    "duplicate": _Meaning(
        "warning",
        "duplicate",
        "Duplicates",
        ("photo is stored more than once.", "photos are stored more than once."),
        "Duplicates add nothing to training and count twice in the metrics: keep one of each.",
    ),
}
_NEAR = {
    "conflict": _Meaning(
        "warning",
        "near_conflict",
        "Near-duplicates under two labels",
        (
            "group of near-duplicates has two labels.",
            "groups of near-duplicates have two labels.",
        ),
        "If they show a part before and after its defect, ignore this; otherwise correct a label or remove "
        "one.",
    ),
    "leak": _Meaning(
        "warning",
        "near_leak",
        "Near-duplicates in training and test",
        (
            "group of near-duplicates is split between training and test:",
            "groups of near-duplicates are split between training and test:",
        ),
        "perhaps shots of the same part. The metrics look too good; keep all photos of a part on one side.",
    ),
    "duplicate": _Meaning(
        "note",
        "near_duplicate",
        "Near-duplicates",
        ("group of near-duplicates:", "groups of near-duplicates:"),
        "one part photographed twice, or one photo saved twice. Photos of other parts would be more useful.",
    ),
}


def findings(photos: Sequence[MeasuredPhoto], likeness: Likeness) -> Iterator[Finding]:
    yield from _reported(_EXACT, [("", group) for group in exact(photos)])
    known = {photo.name: photo for photo in photos}
    near = [(f"distance {d:.3f}", tuple(known[name] for name in names)) for d, names in likeness.groups]
    yield from _reported(_NEAR, near)


def exact(photos: Iterable[MeasuredPhoto]) -> list[tuple[MeasuredPhoto, ...]]:
    """Groups of photos whose files are identical."""
    same: dict[str, list[MeasuredPhoto]] = {}
    for photo in photos:
        same.setdefault(photo.sha256, []).append(photo)
    return [tuple(group) for group in same.values() if len(group) > 1]


def _reported(meanings: dict[str, _Meaning], groups: Sequence[Group]) -> Iterator[Finding]:
    for kind, meaning in meanings.items():
        cases = tuple(
            Case(tuple(photo.name for photo in group), says) for says, group in groups if _kind(group) == kind
        )
        if cases:
            text = f"{many(len(cases), *meaning.what)} {meaning.remedy}"
            yield Finding(meaning.severity, meaning.code, meaning.title, text, cases)


def _kind(group: Sequence[MeasuredPhoto]) -> str:
    """A wrong label is worse than a leak: it may teach a defect as good."""
    if len({photo.label for photo in group}) > 1:
        return "conflict"
    return "leak" if len({photo.split for photo in group}) > 1 else "duplicate"
