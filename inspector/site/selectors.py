"""What the first page shows. Reads only; days are days in the person's own time zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, IntegerField, Q, QuerySet, Value
from django.utils import timezone

from inspector.core.jobs import State
from inspector.inspections.models import Inspection, Verdict
from inspector.registry.selectors import CategoryRow
from inspector.site.first_start import DEMO_SLUGS, demo_made


@dataclass(frozen=True, slots=True)
class Day:
    """What happened to the photos that came in on one day."""

    date: date
    judged: int = 0
    anomalies: int = 0
    review: int = 0
    failed: int = 0

    @property
    def share(self) -> float | None:
        """Of anomalies among the judged; None on a day without any."""
        return self.anomalies / self.judged if self.judged else None

    @property
    def review_share(self) -> float | None:
        """Of those for review among the judged; None on a day without any."""
        return self.review / self.judged if self.judged else None


def days(count: int = 14) -> list[Day]:
    """The last `count` days, today last, in one query.

    One range of the index `inspection_time` a day, which holds all that is counted: three times as fast as
    grouping them by the date of a moment in the person's zone, and as reading the rows.
    """
    today = timezone.localdate()
    dates = [today - timedelta(days=back) for back in reversed(range(count))]
    first, *others = [_counted(place, day) for place, day in enumerate(dates)]
    counted = first.union(*others, all=True) if others else first
    by_place = {place: counts for place, *counts in counted}
    return [Day(day, *by_place.get(place, ())) for place, day in enumerate(dates)]


def _counted(place: int, day: date) -> QuerySet[Inspection, tuple[int, ...]]:
    """A day's counts, marked with its place among the days."""
    until = _midnight(day + timedelta(days=1))
    return (
        Inspection.objects.filter(created__gte=_midnight(day), created__lt=until)
        .order_by()
        .values_list(Value(place, output_field=IntegerField()))
        .annotate(
            judged=Count("pk", filter=Q(state=State.DONE)),
            anomalies=Count("pk", filter=Q(verdict=Verdict.ANOMALY)),
            review=Count("pk", filter=Q(verdict=Verdict.REVIEW)),
            failed=Count("pk", filter=Q(state=State.FAILED, dismissed=None)),
        )
    )


def latest_anomalies(limit: int = 8) -> QuerySet[Inspection]:
    """Newest first, with category; by the index on the verdict."""
    return (
        Inspection.objects.filter(verdict=Verdict.ANOMALY)
        .select_related("category")
        .order_by("-created", "-pk")[:limit]
    )


def demo_being_made(rows: Sequence[CategoryRow]) -> bool:
    """Whether this is a fresh installation whose demo parts are still being photographed."""
    empty = any(row.category.slug in DEMO_SLUGS and not row.train_good for row in rows)
    return empty and not demo_made()


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
