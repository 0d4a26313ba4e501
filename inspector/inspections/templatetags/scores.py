"""Scores beside their thresholds: as numbers that compare at a glance, and on a small scale."""

import math
from dataclasses import dataclass
from typing import Any

from django import template

from inspector.core.templatetags.figures import small, times
from inspector.inspections.models import Inspection

register = template.Library()
SMALLEST, LARGEST = 1e-6, 1e6
TIMES = "\N{MULTIPLICATION SIGN}"
ABOUT = "~"  # before what is an estimate
MARKS = ((0.5, "½"), (2, "2"), (5, "5"))
# Where the two limits lie on every scale, in percent: so rows compare at a glance, and the words under
# the ticks find room however far REVIEW begins below the threshold.
REVIEW_AT, THRESHOLD_AT = 28.0, 50.0


@dataclass(frozen=True, slots=True)
class Score:
    """What a template shows of a score.

    text, title: for lists, as multiples of the threshold, because raw scores of two categories have
    nothing in common; the raw numbers are in the title. Those of a quick draft are estimates, and begin with
    “~”. ratio: the multiple alone, "" where the threshold
    is not above 0. place: where it lies on the scale, in percent from the left. review_from, band, width:
    where REVIEW begins, as a number and on the scale, and how far it reaches; empty without such a band.
    All by the limits that the photo was judged by; its version's may have changed since.
    """

    score: str
    threshold: str
    ratio: str
    text: str
    title: str
    place: str
    review_from: str = ""
    band: str = ""
    width: str = ""


@register.simple_tag
def scored(inspection: Inspection) -> Score | None:
    """The score of an inspection, ready to show; None when it has none."""
    if inspection.score is None or inspection.threshold is None:
        return None
    score, threshold = compared(inspection.score, inspection.threshold)
    about = ABOUT if inspection.drafted else ""
    score = f"{about}{score}"
    review_from, band, width = _band(inspection.review_from, inspection.threshold)
    place = place_of(inspection.score, inspection.threshold, inspection.review_from if band else None)
    ratio = times(inspection.score, inspection.threshold)
    ratio = f"{about}{ratio}" if ratio else ""
    return Score(
        score,
        threshold,
        ratio,
        f"{ratio}{TIMES} threshold" if ratio else f"{score} of {threshold}",
        f"Score {score}, {f'REVIEW from {review_from}, ' if band else ''}threshold {threshold}",
        f"{place:.1f}%",
        review_from,
        band,
        width,
    )


def _band(review_from: float | None, threshold: float) -> tuple[str, str, str]:
    if review_from is None or not 0 < review_from < threshold:
        return "", "", ""
    return (
        compared(review_from, threshold)[0],
        f"{REVIEW_AT:.1f}%",
        f"{THRESHOLD_AT - REVIEW_AT:.1f}%",
    )


@register.inclusion_tag("inspections/scale.html")
def score_scale(inspection: Inspection, large: bool = False, score: Score | None = None) -> dict[str, Any]:
    """The scale itself, with a tick and a word where REVIEW and ANOMALY begin, and a few multiples.

    score: where the template has asked for it already.
    """
    score = score or scored(inspection)
    if not large:
        return {"inspection": inspection, "scored": score}
    marks = [(place_of(times, 1), f"{label}{TIMES}") for times, label in MARKS]
    if score and score.band:
        # Where the band begins says more than a half; the two side by side could not be read.
        marks = [(REVIEW_AT, "REVIEW"), *marks[1:]]
    shown = [(f"{place:.1f}%", label) for place, label in marks]
    return {"inspection": inspection, "scored": score, "large": True, "marks": shown}


def place_of(score: float, threshold: float, review_from: float | None = None) -> float:
    """Beyond the threshold, which lies in the middle, from 50 towards 100, which no score reaches.

    Below it in proportion; with a REVIEW band in proportion up to where that begins, and within it by
    logarithms: scores span decades, and REVIEW may begin at a hundredth of the threshold.
    """
    if threshold <= 0 or not math.isfinite(score):
        return 100.0 if score > threshold else 0.0
    if score > threshold:
        return 100 - THRESHOLD_AT * threshold / score
    if review_from is None:
        return THRESHOLD_AT * max(0.0, score / threshold)
    if score < review_from:
        return REVIEW_AT * max(0.0, score / review_from)
    width = THRESHOLD_AT - REVIEW_AT
    return REVIEW_AT + width * math.log(score / review_from) / math.log(threshold / review_from)


def compared(score: float, threshold: float) -> tuple[str, str]:
    """Both with the same places after the point: as many as show 3 digits of the threshold, and more
    where it takes more to distinguish the two."""
    if not SMALLEST <= abs(threshold) < LARGEST or not math.isfinite(score):
        return small(score) if math.isfinite(score) else f"{score:g}", small(threshold)
    places = max(0, 2 - math.floor(math.log10(abs(threshold))))
    while score != threshold and f"{score:.{places}f}" == f"{threshold:.{places}f}" and places < 12:
        places += 1
    return f"{score:.{places}f}", f"{threshold:.{places}f}"
