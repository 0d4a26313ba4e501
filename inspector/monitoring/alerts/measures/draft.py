"""A quick draft gives other verdicts than its model more often than it promises."""

from collections import deque
from collections.abc import Iterator
from datetime import timedelta

from inspector.categories.models import Category
from inspector.monitoring.alerts.kinds import Asked, Kind, Number, Reading, Span, Value, register
from inspector.monitoring.alerts.measures.past import MOST, moments
from inspector.monitoring.alerts.models import Rule
from inspector.monitoring.drafts import both_judged, differ_at_least
from inspector.registry.draft import Draft
from inspector.registry.models import Deployment
from inspector.registry.selectors import active_deployment

EVERY = timedelta(hours=6)
NONE = "No quick draft is in use."


def differing(asked: Asked) -> Iterator[Reading]:
    """Of a category without a draft in use it is 0, so that switching one off ends its alert."""
    for category in asked.categories:
        deployment = active_deployment(category)
        draft = _draft(deployment) if deployment else None
        if deployment is None or draft is None:
            yield Reading(category, 0.0, NONE)
            continue
        rows = both_judged(deployment.version).filter(category=category)
        agree = list(rows.values_list("draft_agrees", flat=True)[: asked.last])
        others = agree.count(False)
        words = (
            f"Of the last {len(agree):,} photos that both have judged, the model gave {others:,} another "
            f"verdict than the draft. Promised: at most {draft.per_thousand:g} in 1,000 of all verdicts."
        )
        yield Reading(category, _per_thousand(others, len(agree), draft), words)


def _draft(deployment: Deployment) -> Draft | None:
    """That in use."""
    draft = deployment.version.making.draft if deployment.fast else None
    return draft if draft and not draft.why_not else None


def _per_thousand(others: int, n: int, draft: Draft) -> float:
    return 1000 * differ_at_least(others, n, draft)


def differing_before(rule: Rule, category: Category | None, span: Span) -> Iterator[Value]:
    """Every few hours, of the draft that is in use now."""
    deployment = active_deployment(category) if category else None
    draft = _draft(deployment) if deployment else None
    if deployment is None or draft is None:
        return
    rows = both_judged(deployment.version).filter(category=category).values_list("created", "draft_agrees")
    came = deque(sorted(rows[:MOST]))
    window: deque[bool] = deque(maxlen=rule.last or 1)
    for moment in moments(span, EVERY):
        while came and came[0][0] <= moment:
            window.append(bool(came.popleft()[1]))
        yield moment, _per_thousand(window.count(False), len(window), draft)


def register_all() -> None:
    register(
        Kind(
            "draft",
            "Quick draft against the model",
            "How many of 1,000 verdicts the quick draft in use changes at least, 95 % sure. Measured on one "
            "in 50 of the photos that it calls OK, which the model judges, too.",
            Number("Limit", "verdicts in 1,000", 0.1, 1000, 1),
            differing,
            differing_before,
            last=Number("Of the last", "photos judged by both", 50, 5000, 5000, whole=True),
            every=3600,
        )
    )
