"""What a category's samples can support: said before anyone trains on them and expects more."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Count, Q
from django.urls import reverse

from inspector.categories.models import Category
from inspector.core.jobs import State
from inspector.samples.exploration.report import stored_findings
from inspector.samples.models import GOOD, Exploration, Sample, Split
from inspector.samples.selectors import explorations, samples, samples_digest

# With fewer photos than this `auto` cannot compare methods (detection.methods.lessons).
LEAST_TO_COMPARE = 6
# Promising this small a share of flagged good parts takes one photo less than its reciprocal.
PROMISED = 0.01
# Fewer labelled photos of each kind cannot choose a threshold (detection.verdicts.policies).
LEAST_LABELLED = 2
# Fewer good photos cannot set two limits (detection.verdicts.policies).
LEAST_GOOD = 5
FINDINGS = 3


@dataclass(frozen=True, slots=True)
class Amounts:
    """The number of samples for each use."""

    train: int = 0
    good: int = 0
    defect: int = 0

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str]]) -> "Amounts":
        """By the split and label of each sample."""
        counts = Counter(
            "train" if split == Split.TRAIN else "defect" if label != GOOD else "good"
            for split, label in rows
        )
        return cls(**counts)


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that the samples can or cannot support, and a link to where that is changed.

    tone: good, warn or bad, as notices have it.
    """

    tone: str
    title: str
    text: str
    link: str = ""
    href: str = ""


def readiness(category: Category) -> list[Point]:
    """Every point about a category's samples, in the order in which a person needs them."""
    photos = amounts(category)
    add = reverse("samples:list", args=[category.slug])
    points = [to_learn_from(photos.train), to_judge_by(photos)]
    points = [Point(one.tone, one.title, one.text, *_link(one, add)) for one in points]
    if photos.train:
        points += [*_sizes(category), explored(category)]
    return points


def _link(point: Point, add: str) -> tuple[str, str]:
    return ("Add photos", add) if point.tone != "good" else ("", "")


def amounts(category: Category) -> Amounts:
    return amounts_of([category])[category.pk]


def amounts_of(categories: Iterable[Category]) -> dict[int, Amounts]:
    """By the category's id; in one query."""
    train, good = Q(split=Split.TRAIN), Q(label=GOOD)
    rows = Sample.objects.filter(category__in=categories).order_by().values_list("category")
    counted = rows.annotate(
        train=Count("pk", filter=train),
        good=Count("pk", filter=~train & good),
        defect=Count("pk", filter=~train & ~good),
    )
    by_category = {pk: Amounts(*counts) for pk, *counts in counted}
    return {category.pk: by_category.get(category.pk, Amounts()) for category in categories}


def to_learn_from(count: int) -> Point:
    """What this many good photos can teach, and promise about false alarms: n of them at best 1 in n + 1."""
    have = f"{count} good photo{'' if count == 1 else 's'} to train on"
    wanted = math.ceil(1 / PROMISED) - 1
    if not count:
        return Point("bad", "No good photos to train on", "Add photos of good parts: 30 is a start.")
    if count < LEAST_TO_COMPARE:
        return Point(
            "bad",
            f"{have}: too few",
            "Training works, but so few photos do not show how good parts vary, the threshold is a guess, "
            "and methods cannot be compared. Add photos of good parts: 30 is a start.",
        )
    promise = f"the best possible guarantee is at most {_percent(1 / (count + 1))} of good parts flagged"
    if count < wanted:
        tone = "warn" if count < 30 else "good"
        enough = "enough to try" if count < 30 else "enough to start"
        return Point(
            tone,
            f"{have}: {enough}, too few to guarantee 1 %",
            f"With {count}, {promise}. Add about {_rounded(wanted - count)} more for 1 %.",
        )
    return Point("good", f"{have}: enough to guarantee 1 %", f"{promise.capitalize()}.")


def to_judge_by(photos: Amounts) -> Point:
    """What the test photos can measure."""
    if not photos.defect:
        return Point(
            "warn",
            "No defective test photos",
            "Metrics cannot be computed, and the threshold is chosen from good parts only: how many "
            "defects it finds is unknown. Add test photos of real defects; even 10 help.",
        )
    have = f"{photos.good} good and {photos.defect} defective test photos"
    if not photos.good:
        return Point(
            "warn",
            f"{have}: no false alarms can be counted",
            "Metrics cannot be computed, and the threshold is chosen from the training photos only. Add test "
            "photos of good parts.",
        )
    every = "this one defect" if photos.defect == 1 else f"all {photos.defect} defects"
    least = _percent(least_recall(photos.defect))
    measured = (
        f"finding {every} would show with 95 % confidence that {least} or more of such defects are found."
    )
    if min(photos.good, photos.defect) < LEAST_LABELLED:
        return Point(
            "warn",
            f"{have}: too few to choose a threshold from",
            f"It is chosen from the training photos. Metrics say little: {measured}",
        )
    few = photos.defect < 10 or photos.good < 10
    text = f"The threshold can be chosen from them; {measured}"
    return Point("warn" if few else "good", f"{have}{': few' if few else ''}", text)


def least_recall(defects: int) -> float:
    """The recall that finding all of this many defects shows, with 95 % confidence (Clopper-Pearson)."""
    return float(0.05 ** (1 / defects))


def _sizes(category: Category) -> Iterator[Point]:
    rows = samples(category).order_by().values_list("width", "height").annotate(n=Count("pk"))
    sizes = sorted(rows, key=lambda row: -row[2])
    width, height, most = sizes[0]
    unlike = [row for row in sizes if not _alike((width, height), row[:2])]
    if unlike:
        count = sum(row[2] for row in unlike)
        example = f"{unlike[0][0]} x {unlike[0][1]} px"
        yield Point(
            "warn",
            f"{count} photo{' has' if count == 1 else 's have'} a different size or shape",
            f"{most} have {width} x {height} px, others such as {example}. A part that is larger or smaller "
            "in the photo looks defective: take all photos in the same way, or remove the others.",
            "Explore the samples",
            reverse("samples:explore", args=[category.slug]),
        )


def _alike(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """The same shape within a twentieth, and no side twice as long."""
    shape = (one[0] * other[1]) / (one[1] * other[0])
    return 1 / 1.05 <= shape <= 1.05 and 0.5 < other[0] / one[0] < 2


def explored(category: Category) -> Point:
    """What an exploration of the samples as they are found: copies, leaks, blurred photos and the like."""
    href = reverse("samples:explore", args=[category.slug])
    last = explorations(category).filter(state=State.DONE).first()
    if last is None or last.digest != samples_digest(category):
        return Point(
            "warn",
            "Current samples not explored",
            "Duplicates, test photos among the training photos, and blurred or unreadable photos have not "
            "been looked for yet.",
            "Explore the samples",
            href,
        )
    return _findings_point(last, href)


def _findings_point(last: Exploration, href: str) -> Point:
    worst = [one for one in stored_findings(last) if one.severity != "note" and one.code != "few_training"]
    if not worst:
        return Point("good", "Explored: nothing to fix", "", "See the exploration", href)
    titles = "; ".join(dict.fromkeys(one.title for one in worst[:FINDINGS]))
    more = f"; and {len(worst) - FINDINGS} more" if len(worst) > FINDINGS else ""
    tone = "bad" if any(one.severity == "error" for one in worst) else "warn"
    count = f"{len(worst)} finding{'' if len(worst) == 1 else 's'} to look at"
    return Point(tone, f"Explored: {count}", f"{titles}{more}.", "See what to fix", href)


def _percent(share: float) -> str:
    """Whole ones between 1 % and 99 %; 0.1 % and 99.7 %, never 0 % or 100 %, beyond."""
    if share > 0.99:
        return f"{math.floor(1000 * share) / 10:g} %"
    return f"{100 * share:.0f} %" if share >= 0.0095 else f"{100 * share:.1g} %"


def _rounded(count: int) -> int:
    """To tens where there are many: nobody counts photos that closely."""
    return count if count < 20 else 10 * round(count / 10)
