"""Photos by lot, or by a field of one's own. There are as many as a factory makes, so the hourly sums leave
them out."""

from collections import Counter
from datetime import datetime
from itertools import islice

from inspector.categories.models import Category
from inspector.inspections.models import Inspection, Outcome, Verdict

LOT_PHOTOS = 20_000  # of a period, the newest ones: some 0.1 s, however long the period is


def newest(
    category: Category | None, since: datetime, until: datetime, most: int, field: str = "lot"
) -> dict[tuple[int, str], tuple[int, ...]]:
    """By category's id and lot (or another field): what `selectors.Counts` has, of judged photos."""
    rows = Inspection.objects.filter(created__gte=since, created__lte=until)
    rows = rows.filter(category=category) if category else rows
    # Added up here: these rows lie side by side, and reading them again by their ids would read far more.
    named = rows.order_by("-created", "-pk").values_list("category_id", field, "outcome", "verdict")
    lots: dict[tuple[int, str], Counter[tuple[str, str]]] = {}
    for of, lot, outcome, verdict in named[:LOT_PHOTOS]:
        if lot and verdict:
            lots.setdefault((of, lot), Counter())[outcome, verdict] += 1
    return {lot: _summed(counted) for lot, counted in islice(lots.items(), most)}


def _summed(counted: Counter[tuple[str, str]]) -> tuple[int, ...]:
    by_outcome: Counter[str] = Counter()
    anomalies = 0
    for (outcome, verdict), n in counted.items():
        by_outcome[outcome] += n
        anomalies += n if verdict == Verdict.ANOMALY else 0
    return (
        *(by_outcome[outcome] for outcome in Outcome),
        counted[Outcome.GOOD.value, Verdict.OK.value],
        anomalies,
        counted[Outcome.GOOD.value, Verdict.ANOMALY.value],
        counted[Outcome.DEFECTIVE.value, Verdict.OK.value],
    )
