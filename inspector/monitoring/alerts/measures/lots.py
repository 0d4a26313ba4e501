"""The share of defective parts in the lot that is on the line."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, Q

from inspector.categories.models import Category
from inspector.inspections.models import Outcome
from inspector.monitoring.alerts.kinds import Asked, Kind, Number, Reading, Span, Value, register
from inspector.monitoring.alerts.measures.past import judged, judged_in
from inspector.monitoring.alerts.models import Rule

LOOKED_AT = 200  # of the newest photos, for one that names its lot


def lot_on_the_line(category: Category) -> str:
    """Of the newest photo that names one; "" where none of the newest does."""
    newest = judged(category).values_list("lot", flat=True)[:LOOKED_AT]
    return next((lot for lot in newest if lot), "")


def share(asked: Asked) -> Iterator[Reading]:
    for category in asked.categories:
        if not (lot := lot_on_the_line(category)):
            continue
        # The second condition is that of the partial index.
        rows = judged(category).order_by().filter(lot=lot, lot__gt="")
        n, bad = rows.aggregate(n=Count("pk"), bad=Count("pk", filter=Q(outcome=Outcome.DEFECTIVE))).values()
        if n >= asked.last:
            percent = 100 * bad / n
            words = f"{bad} of {n} photos of lot {lot} are defective ({percent:.3g} %)."
            yield Reading(category, percent, words)


def share_before(rule: Rule, category: Category | None, span: Span) -> Iterator[Value]:
    """Today's outcomes, as they were added up photo by photo."""
    counted, bad = Counter[str](), Counter[str]()
    for moment, lot, outcome in judged_in(category, span, "created", "lot", "outcome"):
        if lot:
            counted[lot] += 1
            bad[lot] += outcome == Outcome.DEFECTIVE
            if counted[lot] >= (rule.last or 1):
                yield moment, 100 * bad[lot] / counted[lot]


def register_all() -> None:
    register(
        Kind(
            "lot",
            "Share of defective parts in a lot",
            "Of all photos of the lot that the newest one names: by decisions, otherwise by the verdict.",
            Number("Limit", "%", 0.01, 100, 5),
            share,
            share_before,
            last=Number("Not before", "photos", 1, 5000, 20, whole=True),
        )
    )
