"""Every read of inspections."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.utils import timezone

from inspector.accounts.models import User
from inspector.categories.models import Category
from inspector.core import clock, paging
from inspector.core.errors import Conflict
from inspector.core.jobs import OPEN, State
from inspector.inspections.filters import InspectionFilter
from inspector.inspections.hold import due
from inspector.inspections.models import Batch, Inspection, Source, Verdict
from inspector.registry.models import ModelVersion
from inspector.registry.selectors import active_deployments, active_of
from inspector.samples.models import GOOD, Sample

Row = TypeVar("Row")
LAST = 1000  # inspections, of which the Limits page shows the scores


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
    removed: int
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
    """Newest first, narrowed by `filters` (see InspectionFilter; an invalid one narrows nothing).

    `sort` among them: the rows are about to be sorted by what the filter's `order` says.
    """
    return _rows() if filters is None else InspectionFilter(filters, _rows()).qs


def _rows() -> QuerySet[Inspection]:
    joined = ("category", "submitted_by", "version", "decided_by")
    # Few have one, and a page without any asks for none.
    rows = Inspection.objects.select_related(*joined).prefetch_related("looks_like")
    # A version's curves and scores are kilobytes, the same in every row, and no list shows them.
    rows = rows.defer("version__metrics", "version__config", "version__plots")
    return rows.order_by("-created", "-pk")


def history_page(filters: Mapping[str, str] | None = None, **place: Any) -> paging.Page[Inspection]:
    """One page of the history; `place` as `paging.page` takes it."""
    asked = InspectionFilter(filters or {}, _rows())
    return paging.page(asked.qs, by=asked.order.by, rising=asked.order.rising, **place)


def inspection(pk: int) -> Inspection:
    """One inspection with what its page shows; Http404 when there is none."""
    joined = ("category", "submitted_by", "version", "version__category", "deployment", "looks_like")
    rows = Inspection.objects.select_related(*joined)
    return _or_404(rows.filter(pk=pk).first(), "inspection", pk)


def batch(pk: int) -> Batch:
    """One batch; Http404 when there is none."""
    return _or_404(
        Batch.objects.select_related("category", "submitted_by").filter(pk=pk).first(), "batch", pk
    )


def batch_rows(batch_id: int) -> QuerySet[Inspection]:
    """The inspections of a batch in the order they came, without those removed from the list."""
    rows = Inspection.objects.filter(batch_id=batch_id, dismissed=None)
    return rows.select_related("category", "submitted_by", "version", "looks_like").order_by("pk")


def changed_since(rows: QuerySet[Inspection], moment: datetime) -> QuerySet[Inspection]:
    """Those that were begun, ended or held up since then."""
    return rows.filter(Q(started__gte=moment) | Q(finished__gte=moment) | Q(wait_since__gte=moment))


def batch_counts(batch_id: int) -> BatchCounts:
    """How many of a batch have which verdict or state; one query."""
    counted = Inspection.objects.filter(batch_id=batch_id).aggregate(
        ok=Count("pk", filter=Q(verdict=Verdict.OK)),
        review=Count("pk", filter=Q(verdict=Verdict.REVIEW)),
        anomaly=Count("pk", filter=Q(verdict=Verdict.ANOMALY)),
        failed=Count("pk", filter=Q(state=State.FAILED, dismissed=None)),
        removed=Count("pk", filter=Q(dismissed__isnull=False)),
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
    # Training photos come before test photos.
    good = Sample.objects.filter(category=OuterRef("pk"), label=GOOD).order_by("-split", "pk")
    in_use = Category.objects.filter(archived__isnull=True).annotate(
        good_sample=Subquery(good.values("pk")[:1])
    )
    choices = [
        Choice(category, deployment.version if deployment else None, category.good_sample)
        for category in in_use.prefetch_related(active_deployments())
        for deployment in [active_of(category)]
    ]
    return sorted(choices, key=lambda choice: choice.active is None)


def last_category(by: User) -> str | None:
    """The slug of the category this person inspected last."""
    batches = Batch.objects.filter(submitted_by=by).order_by("-pk")
    return batches.values_list("category__slug", flat=True).first()


def last_part(by: User) -> dict[str, str]:
    """What this person's last batch from the browser said of the part: names and values."""
    batches = Batch.objects.filter(submitted_by=by, source=Source.WEB).order_by("-pk")
    return batches.values_list("part", flat=True).first() or {}


def neighbours(
    inspection: Inspection, filters: Mapping[str, str] | None = None
) -> tuple[Inspection | None, Inspection | None]:
    """The one before and the one after it in the history of these filters in this order."""
    asked = InspectionFilter(filters or {}, _rows())
    by = asked.order.by
    above, below = paging.up(asked.qs, inspection.pk, by=by), paging.down(asked.qs, inspection.pk, by=by)
    before, after = (below, above) if asked.order.rising else (above, below)
    return before.first(), after.first()


def last_scores(category: Category, version: ModelVersion) -> list[float]:
    """Of the newest inspections of a category that this version judged."""
    rows = Inspection.objects.filter(category=category, version=version, state=State.DONE).order_by("-pk")
    return [score for score in rows.values_list("score", flat=True)[:LAST] if score is not None]


def queue() -> dict[str, int]:
    """How many photos wait and how many are being judged: {"waiting": n, "running": n}."""
    counted = (
        Inspection.objects.filter(state__in=OPEN).order_by().values_list("state").annotate(n=Count("pk"))
    )
    counts = dict(counted)
    return {"waiting": counts.get(State.WAITING, 0), "running": counts.get(State.RUNNING, 0)}


def categories_waiting() -> list[int]:
    """Ids of the categories that have photos waiting which may be tried now."""
    waiting = Inspection.objects.filter(due(), state=State.WAITING).order_by()
    return list(waiting.values_list("category_id", flat=True).distinct())


def _or_404(row: Row | None, what: str, pk: int) -> Row:
    if row is None:
        raise Http404(f"There is no {what} {pk}.")
    return row


def locked_inspection(pk: int) -> Inspection:
    """As it is now, and ours until the transaction ends. Conflict "gone" where it was removed meanwhile."""
    rows = Inspection.objects.select_for_update(of=("self",)).select_related("category")
    if row := rows.filter(pk=pk).first():
        return row
    raise Conflict("gone", "This photo was removed meanwhile, so nothing was saved.")
