"""Good-looking parts score differently than they should by the version that judges them."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from inspector.categories.models import Category
from inspector.inspections.models import Inspection, Verdict
from inspector.monitoring.alerts.kinds import Asked, Kind, Number, Reading, Span, Value, register
from inspector.monitoring.alerts.measures.past import judged, judged_in
from inspector.monitoring.alerts.models import Rule
from inspector.monitoring.recent import AFTER
from inspector.monitoring.statistics.drift import Drift, Finding, Series
from inspector.monitoring.statistics.drift import drift as drift_of
from inspector.registry.models import Deployment
from inspector.registry.selectors import active_deployment, test_scores

Scores = list[tuple[datetime, float]]
DAY = timedelta(days=1)
DRIFTS = (Finding.HIGHER, Finding.HIGHER_SINCE, Finding.LOWER, Finding.LOWER_SINCE)


def scores(asked: Asked) -> Iterator[Reading]:
    """Of all categories together, so that few of those that are reported are chance."""
    found = {category.slug: active_deployment(category) for category in asked.categories}
    at_work = {slug: deployment for slug, deployment in found.items() if deployment}
    series = {slug: _series(deployment, asked.last) for slug, deployment in at_work.items()}
    for slug, drift in drift_of(series).items():
        if drift.finding is not Finding.TOO_FEW:
            deployment = at_work[slug]
            yield Reading(deployment.category, percent_of(drift), _words(drift, asked.last, deployment))


def _series(deployment: Deployment, last: int) -> Series:
    usual = Usual(deployment)
    return usual.against(_scores(usual.rows, last)[::-1])


class Usual:
    """What a category's good-looking parts are compared with: good test photos; with a quick draft, whose
    estimates are not to be compared with these, the first photos judged OK by it. `rows`: all that can be."""

    def __init__(self, deployment: Deployment) -> None:
        rows = judged(deployment.category).filter(version_id=deployment.version_id, verdict=Verdict.OK)
        drafted = Q(deployment__fast=True)
        self._fast = deployment.fast
        self.rows = rows.filter(drafted if self._fast else ~drafted)
        self._good = [] if self._fast else test_scores(deployment.version)[0]
        self._first = _scores(self.rows.order_by("created", "pk"), AFTER) if self._fast else []

    def against(self, newest: Scores) -> Series:
        """These scores beside the usual ones, with none among them that is one of these."""
        usual = self._good
        if self._fast and newest:
            usual = [score for moment, score in self._first if moment < newest[0][0]]
        return Series([moment for moment, _ in newest], [score for _, score in newest], usual)


def _scores(rows: QuerySet[Inspection], most: int) -> Scores:
    return [(t, score or 0.0) for t, score in rows.values_list("created", "score")[:most]]


def percent_of(drift: Drift) -> float:
    """In either direction; 0 where nothing is certain."""
    return abs(drift.percent or 0.0) if drift.finding in DRIFTS else 0.0


def _words(drift: Drift, last: int, deployment: Deployment) -> str:
    usual = "the first photos by its quick draft" if deployment.fast else "good test photos"
    if drift.finding not in DRIFTS:
        return f"Good-looking parts score as {'' if deployment.fast else 'the '}{usual} did."
    way = "higher" if drift.finding in (Finding.HIGHER, Finding.HIGHER_SINCE) else "lower"
    return f"The last {last} photos judged OK score {percent_of(drift):.0f} % {way} than {usual}."


def scores_before(rule: Rule, category: Category | None, span: Span) -> Iterator[Value]:
    """Once a day, of one category by itself, by the version that is in use now."""
    deployment = active_deployment(category) if category else None
    if category is None or deployment is None:
        return
    usual = Usual(deployment)
    rows = judged_in(category, span, "created", "score", "verdict", "version_id", "deployment__fast")
    alike = (Verdict.OK, deployment.version_id, deployment.fast)
    kept = [(t, s) for t, s, verdict, version, fast in rows if (verdict, version, bool(fast)) == alike]
    size = rule.last or 1
    place, moment = 0, span.since
    while moment <= span.until:
        while place < len(kept) and kept[place][0] <= moment:
            place += 1
        drift = drift_of({"": usual.against(kept[max(0, place - size) : place])})[""]
        if drift.finding is not Finding.TOO_FEW:
            yield moment, percent_of(drift)
        moment += DAY


def register_all() -> None:
    register(
        Kind(
            "drift",
            "Drift of the scores",
            "Photos judged OK score differently from the good test photos of the active version; with a "
            "quick draft, from the first photos that it judged.",
            Number("Limit", "%", 5, 1000, 10),
            scores,
            scores_before,
            last=Number("Of the last", "photos judged OK", 20, 5000, 200, whole=True),
            every=3600,
        )
    )
