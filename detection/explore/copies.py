"""The same photo twice, and what that means: by where the two are and what they are said to show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from detection.explore.types import Case, Finding, Likeness, Photo, Severity
from detection.explore.words import many

Group = tuple[str, tuple[Photo, ...]]


@dataclass(frozen=True, slots=True)
class _Meaning:
    """what: of one and of many such groups; the remedy follows as a sentence of its own."""

    severity: Severity
    code: str
    title: str
    what: tuple[str, str]
    remedy: str


# By what `_kind` says of a group.
_EXACT = {
    "conflict": _Meaning(
        "error",
        "conflict",
        "The same photo under two labels",
        ("photo is stored under two labels.", "photos are stored under two labels."),
        "At least one of them is wrong: look, keep the photo under the right label and remove the other.",
    ),
    "leak": _Meaning(
        "error",
        "leak",
        "The same photo in training and test",
        ("photo is in training and in test.", "photos are in training and in test."),
        "What was learned must not judge, the metrics come out too good: remove one of the two.",
    ),
    "duplicate": _Meaning(
        "warning",
        "duplicate",
        "Copies",
        ("photo is there more than once.", "photos are there more than once."),
        "A copy teaches nothing and counts twice in the metrics: keep one of each.",
    ),
}
_NEAR = {
    "conflict": _Meaning(
        "warning",
        "near_conflict",
        "Nearly the same photo under two labels",
        (
            "group of nearly the same photos has two labels.",
            "groups of nearly the same photos have two labels.",
        ),
        "If they show one part before and after its defect, all is well; else correct a label or remove one.",
    ),
    "leak": _Meaning(
        "warning",
        "near_leak",
        "Nearly the same photo in training and test",
        (
            "group of nearly the same photos is partly in training and partly in test:",
            "groups of nearly the same photos are partly in training and partly in test:",
        ),
        "shots of one part, perhaps. The metrics come out too good; keep all photos of a part on one side.",
    ),
    "duplicate": _Meaning(
        "note",
        "near_duplicate",
        "Nearly the same photos",
        ("group of photos looks nearly the same:", "groups of photos look nearly the same:"),
        "one part shot twice, or one photo saved twice. Photos of other parts would teach more.",
    ),
}


def findings(photos: Sequence[Photo], likeness: Likeness) -> Iterator[Finding]:
    yield from _told(_EXACT, [("", group) for group in exact(photos)])
    known = {photo.name: photo for photo in photos}
    near = [(f"distance {d:.3f}", tuple(known[name] for name in names)) for d, names in likeness.groups]
    yield from _told(_NEAR, near)


def exact(photos: Iterable[Photo]) -> list[tuple[Photo, ...]]:
    """Groups of photos whose files are the same, byte for byte."""
    same: dict[str, list[Photo]] = {}
    for photo in photos:
        same.setdefault(photo.sha256, []).append(photo)
    return [tuple(group) for group in same.values() if len(group) > 1]


def _told(meanings: dict[str, _Meaning], groups: Sequence[Group]) -> Iterator[Finding]:
    for kind, meaning in meanings.items():
        cases = tuple(
            Case(tuple(photo.name for photo in group), says) for says, group in groups if _kind(group) == kind
        )
        if cases:
            text = f"{many(len(cases), *meaning.what)} {meaning.remedy}"
            yield Finding(meaning.severity, meaning.code, meaning.title, text, cases)


def _kind(group: Sequence[Photo]) -> str:
    """A wrong label is worse than a leak: it may teach a defect as good."""
    if len({photo.label for photo in group}) > 1:
        return "conflict"
    return "leak" if len({photo.split for photo in group}) > 1 else "duplicate"
