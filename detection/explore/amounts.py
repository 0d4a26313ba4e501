"""Are there enough photos to train on, and to measure the result?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from detection.explore.types import TEST, TRAIN, Finding
from detection.explore.words import many
from detection.types import GOOD

FEW_TO_LEARN, FEW_GOOD, FEW_OF_A_KIND = 30, 20, 5


def findings(counts: Mapping[str, Mapping[str, int]]) -> Iterator[Finding]:
    learned = counts.get(TRAIN, {}).get(GOOD, 0)
    if learned < FEW_TO_LEARN:
        yield Finding(
            "warning",
            "few_training",
            "Few training photos",
            f"Only {many(learned, 'training photo', 'training photos')}. Normal variation that they do not "
            "show counts as a defect: about 50 is a start, 200 is better.",
        )
    test = counts.get(TEST, {})
    kinds = {label: n for label, n in test.items() if label != GOOD}
    if not test:
        yield _none("no_test", "No test photos", "There are no test photos")
    elif not kinds:
        yield _none("no_defects", "No defective test photos", "No test photo shows a defect")
    elif test.get(GOOD, 0) < FEW_GOOD:
        yield Finding(
            "note",
            "few_good_test",
            "Few good test photos",
            f"Only {many(test.get(GOOD, 0), 'good test photo', 'good test photos')}. One false alarm more "
            "or less changes the metrics a lot: read them with their intervals, or add good photos.",
        )
    yield from _tiny(kinds)


def _none(code: str, title: str, what: str) -> Finding:
    return Finding(
        "note",
        code,
        title,
        f"{what}, so recall cannot be measured and the threshold is set from good photos alone. Even a few "
        "photos of real defects help.",
    )


def _tiny(kinds: Mapping[str, int]) -> Iterator[Finding]:
    tiny = {label: n for label, n in kinds.items() if n < FEW_OF_A_KIND}
    if tiny:
        listed = ", ".join(f"{label} ({n})" for label, n in tiny.items())
        yield Finding(
            "note",
            "tiny_kind",
            "Kinds of defect with few photos",
            f"Fewer than {FEW_OF_A_KIND} photos: {listed}. Recall on so few says little: add more, or merge "
            "kinds that are the same.",
        )
