"""Drift in words, and as bands over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from inspector.inspections.models import Verdict
from inspector.monitoring.asked import Asked
from inspector.monitoring.figures import Column, Figure, Row
from inspector.monitoring.periods import Period, periods, place_of
from inspector.monitoring.recent import Recent, Seen, beginnings, in_use, recent, sample
from inspector.monitoring.statistics.drift import Drift, Finding, Series, drift
from inspector.monitoring.statistics.ranks import LEAST
from inspector.registry.models import Change

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
KEYS = ("low", "quarter", "median", "upper", "high")
LEAST_IN_BAND = 5  # photos


@dataclass(frozen=True, slots=True)
class Measure:
    """`words`: what is said where it is higher and where it is lower."""

    name: str
    title: str
    of: Callable[[Seen], float | None]
    words: tuple[str, str]
    kind: str = "number"


MEASURES = (
    Measure(
        "score",
        "Score, as a share of the threshold",
        lambda one: one.relative,
        ("good-looking parts of {} score {} higher", "good-looking parts of {} score {} lower"),
        "share",
    ),
    Measure(
        "brightness",
        "Brightness",
        lambda one: one.brightness,
        ("photos of {} are {} brighter", "photos of {} are {} darker"),
    ),
    Measure(
        "sharpness",
        "Sharpness",
        lambda one: one.sharpness,
        ("photos of {} are {} sharper", "photos of {} are {} less sharp"),
    ),
    Measure(
        "size",
        "Size",
        lambda one: one.pixels,
        ("photos of {} have {} more pixels", "photos of {} have {} fewer pixels"),
    ),
)
TRAINING, AFTER = "good test photos", "the weeks after {} was promoted"
AFTER_SWITCH = "the weeks after {} began to judge {} a quick draft"
DRAFTED = "In part estimates of a quick draft: a step where it was switched on or off is not drift."


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison in one category, in a sentence. drifts: whether it is more than chance."""

    category: Any
    measure: Measure
    against: str
    result: Drift
    words: str

    @property
    def drifts(self) -> bool:
        return self.result.finding not in (Finding.STEADY, Finding.TOO_FEW)

    @property
    def tested(self) -> bool:
        """Whether there were enough photos to say anything."""
        return self.result.finding != Finding.TOO_FEW


def comparisons(asked: Asked) -> list[Comparison]:
    """Of every category in use, tested together: of those that are reported, few are false."""
    deployments = in_use(asked.category)
    since = beginnings(deployments)
    known = [recent(one, since[one.category_id]) for one in deployments if one.category_id in since]
    asked_of = [series for one in known for series in _series_of(one)]
    results = drift({str(i): series for i, (*_, series) in enumerate(asked_of)})
    made = [
        _comparison(one, measure, against, results[str(i)])
        for i, (one, measure, against, _) in enumerate(asked_of)
    ]
    return sorted(made, key=lambda one: not one.drifts)


def _series_of(one: Recent) -> list[tuple[Recent, Measure, str, Series]]:
    after = _after(one)
    times = [seen.created for seen in one.last]
    score = Series(times, [seen.score for seen in one.last], one.good_scores)
    all_series = [] if one.deployment.fast else [(one, MEASURES[0], TRAINING, score)]
    for measure in MEASURES:
        known = [(seen.created, value) for seen in one.last if (value := measure.of(seen)) is not None]
        usual = [value for seen in one.after if (value := measure.of(seen)) is not None]
        values = Series([moment for moment, _ in known], [value for _, value in known], usual)
        all_series.append((one, measure, after, values))
    return all_series


def _after(one: Recent) -> str:
    version = f"v{one.deployment.version.number}"
    if one.began.change != Change.LIMITS:
        return AFTER.format(version)
    return AFTER_SWITCH.format(version, "with" if one.deployment.fast else "without")


def _comparison(one: Recent, measure: Measure, against: str, result: Drift) -> Comparison:
    name = str(one.category)
    if result.finding is Finding.TOO_FEW:
        words = f"{LEAST} photos on each side are needed: {len(one.last):,} came since the promotion."
    elif result.finding is Finding.STEADY:
        words = "As before."
    else:
        higher = result.finding in (Finding.HIGHER, Finding.HIGHER_SINCE)
        _, values = result.code_and_values()
        percent = f"{values['percent']} %"
        words = measure.words[0 if higher else 1].format(name, percent)
        words = f"{_since(result)}{words} than {'at training' if against == TRAINING else f'in {against}'}."
        words = words[0].upper() + words[1:]
    return Comparison(one.category, measure, against, result, words)


def _since(result: Drift) -> str:
    if result.since is None:
        return ""
    local = timezone.localtime(result.since)
    days = (timezone.localtime() - local).days
    return f"Since {date_format(local, 'l H:i' if days < 6 else 'j F H:i')} "


# --- Bands over time --------------------------------------------------------------------------
def bands(asked: Asked) -> list[Figure]:
    """Of one category."""
    assert asked.category
    seen = sample(asked.category, asked.since, asked.until)
    shown = periods(asked.since, asked.until, asked.per)
    places = place_of([one.created for one in seen], shown)
    return [_bands(asked, measure, shown, seen, places) for measure in MEASURES]


def _bands(
    asked: Asked, measure: Measure, shown: list[Period], seen: list[Seen], places: list[int]
) -> Figure:
    values: list[list[float]] = [[] for _ in shown]
    for one, place in zip(seen, places, strict=True):
        value = measure.of(one)
        if place >= 0 and value is not None:
            values[place].append(value)
    rows = [_band(asked, period, of_period) for period, of_period in zip(shown, values, strict=True)]
    known = any(row["median"] is not None for row in rows)
    titles = ("5 % below", "25 % below", "Median", "75 % below", "95 % below")
    columns = (
        Column("label", "Time", "text"),
        Column("n", "Photos"),
        *(Column(key, title, measure.kind) for key, title in zip(KEYS, titles, strict=True)),
    )
    empty = "" if known else f"No photo of this period has a recorded {measure.name}."
    more = {"kind": measure.kind}
    drafted = measure is MEASURES[0] and any(one.drafted for one in seen)
    words = DRAFTED if drafted else ""
    return Figure(f"bands-{measure.name}", measure.title, columns, rows, words=words, empty=empty, more=more)


def _band(asked: Asked, period: Period, values: Sequence[float]) -> Row:
    enough = len(values) >= LEAST_IN_BAND
    quantiles = np.quantile(values, QUANTILES).tolist() if enough else [None] * len(KEYS)
    query = asked.of_history(period.since, period.last, {"verdict": Verdict.OK.value, "sort": "score"})
    return {
        "label": period.label,
        "n": len(values),
        **dict(zip(KEYS, quantiles, strict=True)),
        "href": f"{reverse('inspections:history')}?{query}",
    }
