"""Scores beside their thresholds: as numbers that compare at a glance, and on a small scale."""

import math
from dataclasses import dataclass
from typing import Any

from django import template

from inspector.core.templatetags.figures import times
from inspector.inspections.models import Inspection

register = template.Library()
SMALLEST, LARGEST = 1e-6, 1e6
TIMES = "\N{MULTIPLICATION SIGN}"
MARKS = ((0.5, "½"), (2, "2"), (5, "5"))


@dataclass(frozen=True, slots=True)
class Score:
    """What a template shows of a score.

    told, title: for lists, as multiples of the threshold, because raw scores of two categories have
    nothing in common; the raw numbers are in the title. ratio: the multiple alone, "" where the threshold
    is not above 0. place: where it lies on the scale, in percent from the left. review_from, band, width:
    where REVIEW begins, as a number and on the scale, and how far it reaches; empty without such a band.
    """

    score: str
    threshold: str
    ratio: str
    told: str
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
    place = place_of(inspection.score, inspection.threshold)
    ratio = times(inspection.score, inspection.threshold)
    return Score(
        score,
        threshold,
        ratio,
        f"{ratio}{TIMES} threshold" if ratio else f"{score} of {threshold}",
        f"Score {score}, threshold {threshold}",
        f"{place:.1f}%",
        *_band(inspection.review_from, inspection.threshold),
    )


def _band(review_from: float | None, threshold: float) -> tuple[str, ...]:
    if review_from is None or review_from >= threshold:
        return ()
    start = place_of(review_from, threshold)
    return compared(review_from, threshold)[0], f"{start:.1f}%", f"{50 - start:.1f}%"


@register.inclusion_tag("inspections/scale.html")
def score_scale(inspection: Inspection, large: bool = False) -> dict[str, Any]:
    """The scale itself. The threshold is always in its middle, so that rows compare at a glance."""
    found = scored(inspection)
    marks = [(place_of(times, 1), f"{label}{TIMES}") for times, label in MARKS]
    if found and found.band:
        # Where the band begins is more telling than a half; the two side by side could not be read.
        marks = [(float(found.band[:-1]), "review"), *marks[1:]]
    shown = [(f"{place:.1f}%", label) for place, label in marks if not 34 < place < 66]
    return {"inspection": inspection, "scored": found, "large": large, "marks": shown}


def place_of(score: float, threshold: float) -> float:
    """0 to 50 up to the threshold, in proportion; beyond it towards 100, which no score reaches."""
    if threshold <= 0 or not math.isfinite(score):
        return 100.0 if score > threshold else 0.0
    times = max(0.0, score / threshold)
    return 50 * times if times <= 1 else 100 - 50 / times


def compared(score: float, threshold: float) -> tuple[str, str]:
    """Both with the same places after the point: as many as show 3 digits of the threshold, and more
    where it takes more to tell the two apart."""
    if not SMALLEST <= abs(threshold) < LARGEST or not math.isfinite(score):
        return f"{score:.3g}", f"{threshold:.3g}"
    places = max(0, 2 - math.floor(math.log10(abs(threshold))))
    while score != threshold and f"{score:.{places}f}" == f"{threshold:.{places}f}" and places < 12:
        places += 1
    return f"{score:.{places}f}", f"{threshold:.{places}f}"
