"""Escapes and false calls of a period, from what people decided."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from inspector.inspections.models import Inspection, Outcome, Verdict
from inspector.monitoring.asked import Asked
from inspector.monitoring.selectors import verdicts
from inspector.monitoring.statistics.live_line import (
    Cell,
    Estimate,
    Hit,
    Stratum,
    escapes,
    false_calls,
)
from inspector.monitoring.statistics.planning import Plan, more_reviews
from inspector.reviews.models import Entry, Why

WIDTHS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
WIDTH = 0.01
BY_HAND = "by hand"
CHOSEN = {Verdict.OK.value: Why.CHECK.value, Verdict.ANOMALY.value: Why.ANOMALY.value}
TITLES = {
    **dict(Why.choices),
    BY_HAND: "Decided on its own page",
    Why.CHECK.value: "Random checks, and photos nobody looked at",
}
Decided = dict[tuple[str, str], dict[float, list[int]]]


@dataclass(frozen=True, slots=True)
class Side:
    """Escapes, or false calls. waiting: how many of the photos drawn for it are still in the queue."""

    name: str
    title: str
    estimate: Estimate
    plan: Plan | None
    words: str
    advice: str
    waiting: int


def _strata(asked: Asked, waiting: dict[tuple[str, str], int]) -> list[Stratum]:
    """By verdict and by why it was reviewed. What was decided without having been drawn stands for itself."""
    decided, judged = _decided(asked), verdicts(asked.category, asked.since, asked.until)
    all_strata = []
    for verdict, usual in CHOSEN.items():
        apart = 0
        for why in (Why.DISPUTED.value, BY_HAND):
            cells = decided.get((verdict, why), {})
            parts = sum(map(sum, cells.values()))
            parts += waiting.get((verdict, why), 0) if why == Why.DISPUTED else 0
            apart += parts
            if parts:
                all_strata.append(Stratum(verdict, why, parts, _cells(cells)))
        drawn = decided.get((verdict, usual), {})
        rest = max(judged.get(verdict, 0) - apart, sum(map(sum, drawn.values())))
        if rest:
            all_strata.append(Stratum(verdict, usual, rest, _cells(drawn)))
    return all_strata


def _cells(counted: dict[float, list[int]]) -> tuple[Cell, ...]:
    return tuple(Cell(probability, good, bad) for probability, (good, bad) in sorted(counted.items()))


def _decided(asked: Asked) -> Decided:
    """{(verdict, why): {probability: [good, defective]}}; *cannot tell* is not decided."""
    rows = Inspection.objects.filter(
        reviewed__isnull=False,
        created__gte=asked.since,
        created__lte=asked.until,
        outcome__in=[Outcome.GOOD, Outcome.DEFECTIVE],
    )
    rows = (rows.filter(category=asked.category) if asked.category else rows).order_by()
    grouped = rows.values_list("verdict", "entry__why", "entry__probability", "outcome")
    decided: Decided = {}
    for verdict, why, probability, outcome, n in grouped.annotate(n=Count("pk")):
        if why not in (Why.DISPUTED, CHOSEN.get(verdict)):
            why = BY_HAND
        cell = decided.setdefault((verdict, why), {}).setdefault(probability or 1.0, [0, 0])
        cell[outcome == Outcome.DEFECTIVE] += n
    return decided


def _waiting(asked: Asked) -> dict[tuple[str, str], int]:
    """{(verdict, why): how many are in the queue}"""
    drawn = [Why.DISPUTED.value, *CHOSEN.values()]
    rows = Entry.objects.filter(
        closed=None, why__in=drawn, inspection__created__range=(asked.since, asked.until)
    )
    rows = (rows.filter(category=asked.category) if asked.category else rows).order_by()
    counted = rows.values_list("inspection__verdict", "why").annotate(n=Count("pk"))
    return {(verdict, why): n for verdict, why, n in counted}


def sides(asked: Asked, width: float = WIDTH) -> list[Side]:
    waiting = _waiting(asked)
    all_strata = _strata(asked, waiting)
    return [
        _side("escapes", "Escapes", all_strata, "defective", width, waiting),
        _side("false-calls", "False calls", all_strata, "good", width, waiting),
    ]


def _side(
    name: str,
    title: str,
    all_strata: list[Stratum],
    hit: Hit,
    width: float,
    waiting: dict[tuple[str, str], int],
) -> Side:
    verdict = Verdict.OK.value if hit == "defective" else Verdict.ANOMALY.value
    mine = [one for one in all_strata if one.verdict == verdict]
    known = (escapes if hit == "defective" else false_calls)(all_strata)
    plan = more_reviews(mine, hit, width)
    words, advice = _in_words(known, verdict, hit), _advice(verdict, plan, width)
    return Side(name, title, known, plan, words, advice, waiting.get((verdict, CHOSEN[verdict]), 0))


def _in_words(known: Estimate, verdict: str, hit: Hit) -> str:
    if not known.parts:
        return f"No part of this period was judged {verdict}."
    if known.share is None:
        return f"No part judged {verdict} has been reviewed, so nothing is known yet."
    return (
        f"Between {_percent(known.low)} and {_percent(known.high)} % of parts judged {verdict} were {hit}; "
        f"{_percent(known.share)} % is most likely."
    )


def _advice(verdict: str, plan: Plan | None, width: float) -> str:
    if plan is None:
        return ""
    if plan.reviews == 0:
        return f"The interval is narrower than {_points(width)} already."
    what = "random checks of OK photos" if plan.why == Why.CHECK else f"{verdict} photos"
    if not plan.enough:
        return (
            f"Deciding all {plan.reviews:,} {what} that are left narrows it to {_points(plan.width)}. "
            "Choose a longer period."
        )
    return f"For an interval of {_points(width)}, decide about {plan.reviews:,} more {what} of this period."


def _points(width: float) -> str:
    number = _percent(width)
    return f"{number} percentage point{'' if number == '1' else 's'}"


def _percent(share: float) -> str:
    return f"{100 * share:.2g}" if share < 0.995 else f"{100 * share:.3g}"
