"""Photos by lot. There are as many lots as a factory makes, so the hourly sums leave them out."""

from datetime import datetime

from django.db.models import Count, Max, Q

from inspector.categories.models import Category
from inspector.inspections.models import Inspection, Outcome, Verdict

LOT_PHOTOS = 20_000  # of a period, the newest ones: some 0.1 s, however long the period is
COUNTED = {
    "good": Count("pk", filter=Q(outcome=Outcome.GOOD)),
    "defective": Count("pk", filter=Q(outcome=Outcome.DEFECTIVE)),
    "undecided": Count("pk", filter=Q(outcome=Outcome.OPEN)),
    "passed": Count("pk", filter=Q(outcome=Outcome.GOOD, verdict=Verdict.OK)),
}


def newest(
    category: Category | None, since: datetime, until: datetime, most: int
) -> dict[tuple[int, str], tuple[int, int, int, int]]:
    """By category's id and lot: how many judged photos are good, defective, undecided, and passed at once."""
    rows = Inspection.objects.filter(created__gte=since, created__lte=until)
    rows = rows.filter(category=category) if category else rows
    among = rows.order_by("-created", "-pk").values("pk")[:LOT_PHOTOS]
    judged = Inspection.objects.filter(pk__in=among, verdict__gt="", lot__gt="").order_by()
    counted = judged.values_list("category", "lot").annotate(**COUNTED, last=Max("created"))
    return {
        (of, lot): (good, defective, undecided, passed)
        for of, lot, good, defective, undecided, passed, _ in counted.order_by("-last", "lot")[:most]
    }
