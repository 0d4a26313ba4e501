"""What is known about a lot or one part: reads over inspections and reviews."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery

from inspector.core.jobs import OPEN, State
from inspector.inspections.models import Inspection, Outcome
from inspector.monitoring.statistics.pareto import Bar, pareto
from inspector.reviews.outcomes import standing_reviews

MOST_BARS = 12
MOST_NAMES = 20
NOT_REVIEWED, WITHOUT_TYPE, OTHERS = "Not reviewed yet", "Without a defect type", "All others"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many photos there are, by what they ended with; `waiting` have no verdict yet."""

    total: int
    good: int
    defective: int
    undecided: int
    failed: int
    waiting: int
    first: datetime
    last: datetime


def counts(rows: QuerySet[Inspection]) -> Counts | None:
    """None where there is no photo."""
    sums = rows.order_by().aggregate(
        total=Count("pk"),
        good=Count("pk", filter=Q(outcome=Outcome.GOOD)),
        defective=Count("pk", filter=Q(outcome=Outcome.DEFECTIVE)),
        undecided=Count("pk", filter=Q(outcome=Outcome.OPEN)),
        failed=Count("pk", filter=Q(state=State.FAILED)),
        waiting=Count("pk", filter=Q(state__in=OPEN)),
        first=Min("created"),
        last=Max("created"),
    )
    return Counts(**sums) if sums["total"] else None


def defects(rows: QuerySet[Inspection]) -> tuple[Bar, ...]:
    """Pareto of the defect types that people found; defective ones that nobody reviewed are a bar, too."""
    bad = rows.filter(outcome=Outcome.DEFECTIVE).order_by()
    newest = standing_reviews().filter(inspection=OuterRef("pk")).values("defect_type__name")[:1]
    reviewed = bad.filter(reviewed__isnull=False).annotate(kind=Subquery(newest))
    by_type = reviewed.values_list("kind").annotate(n=Count("pk"))
    kinds = [(name or WITHOUT_TYPE, n) for name, n in sorted(by_type, key=lambda kind: kind[0] or "~")]
    return pareto([*kinds, (NOT_REVIEWED, bad.filter(reviewed=None).count())], OTHERS, MOST_BARS)


def others(rows: QuerySet[Inspection], name: str) -> list[str]:
    """What else they are of: the values of another field."""
    return list(
        rows.order_by(name).exclude(**{name: ""}).values_list(name, flat=True).distinct()[:MOST_NAMES]
    )
