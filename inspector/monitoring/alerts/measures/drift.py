"""Good-looking parts score otherwise than the good test photos of the version that judges them."""

from collections.abc import Iterator
from datetime import timedelta

from inspector.categories.models import Category
from inspector.inspections.models import Verdict
from inspector.monitoring.alerts.kinds import Asked, Kind, Number, Reading, Span, Value, register
from inspector.monitoring.alerts.measures.past import judged, judged_in
from inspector.monitoring.alerts.models import Rule
from inspector.monitoring.statistics.drift import Drift, Finding, Series
from inspector.monitoring.statistics.drift import drift as drift_of
from inspector.registry.selectors import active_deployment, test_scores

DAY = timedelta(days=1)
DRIFTS = (Finding.HIGHER, Finding.HIGHER_SINCE, Finding.LOWER, Finding.LOWER_SINCE)


def scores(asked: Asked) -> Iterator[Reading]:
    """Of all categories together, so that few of those that are reported are chance."""
    categories = {category.slug: category for category in asked.categories}
    known = {slug: _series(category, asked.last) for slug, category in categories.items()}
    series = {slug: one for slug, one in known.items() if one is not None}
    for slug, drift in drift_of(series).items():
        if drift.finding is not Finding.TOO_FEW:
            yield Reading(categories[slug], percent_of(drift), _words(drift, asked.last))


def _series(category: Category, last: int) -> Series | None:
    deployment = active_deployment(category)
    if deployment is None:
        return None
    good, _ = test_scores(deployment.version)
    rows = judged(category).filter(version_id=deployment.version_id, verdict=Verdict.OK)
    newest = list(reversed(rows.values_list("created", "score")[:last]))
    return Series([moment for moment, _ in newest], [score or 0.0 for _, score in newest], good)


def percent_of(drift: Drift) -> float:
    """In either direction; 0 where nothing is certain."""
    return abs(drift.percent or 0.0) if drift.finding in DRIFTS else 0.0


def _words(drift: Drift, last: int) -> str:
    if drift.finding not in DRIFTS:
        return "Good-looking parts score as the good test photos did."
    way = "higher" if drift.finding in (Finding.HIGHER, Finding.HIGHER_SINCE) else "lower"
    return f"The last {last} photos judged OK score {percent_of(drift):.0f} % {way} than good test photos."


def scores_before(rule: Rule, category: Category | None, span: Span) -> Iterator[Value]:
    """Once a day, of one category by itself, by the version that is in use now."""
    deployment = active_deployment(category) if category else None
    if category is None or deployment is None:
        return
    good, _ = test_scores(deployment.version)
    rows = judged_in(category, span, "created", "score", "verdict", "version_id")
    kept = [(t, s) for t, s, verdict, pk in rows if verdict == Verdict.OK and pk == deployment.version_id]
    size = rule.last or 1
    place, moment = 0, span.since
    while moment <= span.until:
        while place < len(kept) and kept[place][0] <= moment:
            place += 1
        newest = kept[max(0, place - size) : place]
        drift = drift_of({"": Series([t for t, _ in newest], [s for _, s in newest], good)})[""]
        if drift.finding is not Finding.TOO_FEW:
            yield moment, percent_of(drift)
        moment += DAY


def register_all() -> None:
    register(
        Kind(
            "drift",
            "Drift of the scores",
            "Photos judged OK score otherwise than the good test photos of the version in use.",
            Number("Limit", "%", 5, 1000, 10),
            scores,
            scores_before,
            last=Number("Of the last", "photos judged OK", 20, 5000, 200, whole=True),
            every=3600,
        )
    )
