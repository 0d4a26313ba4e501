"""Every read of inspections."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Count, F, Max, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import Http404
from django.utils import timezone

from inspector.accounts.models import User
from inspector.categories.models import GOOD, Category, Sample
from inspector.core import clock
from inspector.core.jobs import OPEN, State
from inspector.inspections.filters import InspectionFilter
from inspector.inspections.models import Batch, Inspection, Verdict
from inspector.registry.models import ModelVersion, Standing

PAGE_SIZE = 48
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of the history, newest first, and the ids to continue from; None where there is no more.

    The address of the newer page is `after=<newer>`, of the older one `before=<older>`.
    """

    rows: list[Inspection]
    newer: int | None
    older: int | None


@dataclass(frozen=True, slots=True)
class Choice:
    """A category to inspect photos of; `active` judges them, None where nothing can yet.

    `good_sample` is the id of a sample to know the part by; None where there is no photo of a good one.
    """

    category: Category
    active: ModelVersion | None
    good_sample: int | None


@dataclass(frozen=True, slots=True)
class BatchCounts:
    """How far a batch is."""

    ok: int
    review: int
    anomaly: int
    failed: int
    waiting: int
    running: int
    newest_anomaly: int | None
    newest_review: int | None
    last_sent: datetime | None
    # The database's time when it counted.
    now: datetime

    @property
    def open(self) -> int:
        return self.waiting + self.running

    @property
    def done(self) -> int:
        return self.ok + self.review + self.anomaly + self.failed

    @property
    def total(self) -> int:
        return self.done + self.open


def history(filters: Mapping[str, str] | None = None) -> QuerySet[Inspection]:
    """Newest first, narrowed by `filters` (see InspectionFilter; an invalid one narrows nothing)."""
    rows = Inspection.objects.select_related("category", "submitted_by", "version").order_by("-pk")
    # A version's curves and scores are kilobytes, the same in every row, and no list shows them.
    rows = rows.defer("version__metrics", "version__config", "version__plots")
    return rows if filters is None else InspectionFilter(filters, rows).qs


def page(
    rows: QuerySet[Inspection], *, before: int | None = None, after: int | None = None, size: int = PAGE_SIZE
) -> Page:
    """One page by key, so that the last page costs what the first one costs."""
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: size + 1])
        more_newer, more_older = len(found) > size, True
        found = found[:size][::-1]
    else:
        older = rows if before is None else rows.filter(pk__lt=before)
        found = list(older[: size + 1])
        more_newer, more_older = before is not None, len(found) > size
        found = found[:size]
    if not found:
        return Page([], None, None)
    return Page(found, found[0].pk if more_newer else None, found[-1].pk if more_older else None)


def inspection(pk: int) -> Inspection:
    """One inspection with what its page shows; Http404 when there is none."""
    rows = Inspection.objects.select_related("category", "submitted_by", "version", "version__category")
    return _found(rows.filter(pk=pk).first(), "inspection", pk)


def batch(pk: int) -> Batch:
    """One batch; Http404 when there is none."""
    return _found(Batch.objects.select_related("category", "submitted_by").filter(pk=pk).first(), "batch", pk)


def batch_rows(batch_id: int) -> QuerySet[Inspection]:
    """The inspections of a batch in the order they came."""
    rows = Inspection.objects.filter(batch_id=batch_id)
    return rows.select_related("category", "submitted_by", "version").order_by("pk")


def changed_since(rows: QuerySet[Inspection], moment: datetime) -> QuerySet[Inspection]:
    """Those that were begun or ended since then."""
    return rows.filter(Q(started__gte=moment) | Q(finished__gte=moment))


def batch_counts(batch_id: int) -> BatchCounts:
    """How many of a batch have which verdict or state; one query."""
    counted = Inspection.objects.filter(batch_id=batch_id).aggregate(
        ok=Count("pk", filter=Q(verdict=Verdict.OK)),
        review=Count("pk", filter=Q(verdict=Verdict.REVIEW)),
        anomaly=Count("pk", filter=Q(verdict=Verdict.ANOMALY)),
        failed=Count("pk", filter=Q(state=State.FAILED)),
        waiting=Count("pk", filter=Q(state=State.WAITING)),
        running=Count("pk", filter=Q(state=State.RUNNING)),
        newest_anomaly=Max("pk", filter=Q(verdict=Verdict.ANOMALY)),
        newest_review=Max("pk", filter=Q(verdict=Verdict.REVIEW)),
        last_sent=Max("created"),
        now=Max(clock.now()),
    )
    return BatchCounts(**counted | {"now": counted["now"] or timezone.now()})


def newest_ended(batch_id: int) -> Inspection | None:
    """The one of a batch that was judged, or failed, last."""
    ended = batch_rows(batch_id).filter(state__in=(State.DONE, State.FAILED))
    return ended.order_by(F("finished").desc(nulls_last=True), "-pk").first()


def categories_to_inspect() -> list[Choice]:
    """Every category in use by name, those that can be inspected first; each with a sample of a good part."""
    active = ModelVersion.objects.filter(standing=Standing.ACTIVE)
    # Training photos come before test photos.
    good = Sample.objects.filter(category=OuterRef("pk"), label=GOOD).order_by("-split", "pk")
    in_use = Category.objects.filter(archived__isnull=True).annotate(
        good_sample=Subquery(good.values("pk")[:1])
    )
    categories = in_use.prefetch_related(Prefetch("versions", queryset=active, to_attr="active_versions"))
    choices = [
        Choice(category, next(iter(category.active_versions), None), category.good_sample)
        for category in categories
    ]
    return sorted(choices, key=lambda choice: choice.active is None)


def last_category(by: User) -> str | None:
    """The slug of the category this person inspected last."""
    batches = Batch.objects.filter(submitted_by=by).order_by("-pk")
    return batches.values_list("category__slug", flat=True).first()


def neighbours(
    inspection: Inspection, filters: Mapping[str, str] | None = None
) -> tuple[Inspection | None, Inspection | None]:
    """The next newer and the next older one among those the filters leave."""
    rows = history(filters)
    newer = rows.filter(pk__gt=inspection.pk).order_by("pk").first()
    older = rows.filter(pk__lt=inspection.pk).order_by("-pk").first()
    return newer, older


def queue() -> dict[str, int]:
    """How many photos wait and how many are being judged: {"waiting": n, "running": n}."""
    counted = (
        Inspection.objects.filter(state__in=OPEN).order_by().values_list("state").annotate(n=Count("pk"))
    )
    counts = dict(counted)
    return {"waiting": counts.get(State.WAITING, 0), "running": counts.get(State.RUNNING, 0)}


def categories_waiting() -> list[int]:
    """Ids of the categories that have photos waiting."""
    waiting = Inspection.objects.filter(state=State.WAITING).order_by()
    return list(waiting.values_list("category_id", flat=True).distinct())


def _found(row: Row | None, what: str, pk: int) -> Row:
    if row is None:
        raise Http404(f"There is no {what} {pk}.")
    return row
