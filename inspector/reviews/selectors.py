"""Every read of reviews."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.http import Http404
from django.utils import timezone

from inspector.categories.models import Category
from inspector.inspections.models import Inspection
from inspector.inspections.p_values import Unusual, unusual
from inspector.registry.models import Judgement, Kind
from inspector.reviews import outcomes
from inspector.reviews.defect_types import choices
from inspector.reviews.marks import own_marks
from inspector.reviews.models import DefectType, Dispute, Entry, QueueRules, Review
from inspector.reviews.neighbours import beside
from inspector.reviews.queue import waiting
from inspector.samples.models import GOOD, Sample


@dataclass(frozen=True, slots=True)
class Card:
    """One photo of the queue with all that its decision needs. seen: id of its standing review, if any."""

    entry: Entry
    inspection: Inspection
    unusual: Unusual | None
    disputes: Sequence[Dispute]
    seen: int | None
    types: Sequence[DefectType]
    suggested: Sequence[str]
    golden: int | None
    beside: Sequence[Inspection]


def cards(entries: Sequence[Entry], person: Any) -> list[Card]:
    """Without what others marked: whoever decides should decide alone."""
    categories = list({entry.category_id: entry.inspection.category for entry in entries}.values())
    chosen, golden = choices(categories), golden_samples(categories)
    shown = [entry.inspection for entry in entries]
    own, around, seen = own_marks(shown, person), beside(shown), outcomes.standing_ids(shown)
    for inspection in shown:
        inspection.shown_mark = own.get(inspection.pk)  # type: ignore[attr-defined]
    return [
        Card(
            entry=entry,
            inspection=inspection,
            unusual=unusual(inspection),
            disputes=list(inspection.disputes.select_related("person")) if entry.disputed else [],
            seen=seen.get(inspection.pk),
            types=chosen[entry.category_id].types,
            suggested=chosen[entry.category_id].suggested,
            golden=golden[entry.category_id],
            beside=around[inspection.pk],
        )
        for entry, inspection in zip(entries, shown, strict=True)
    ]


def golden_samples(categories: Collection[Category]) -> dict[int, int | None]:
    """By category, the id of a photo of a good part to compare with: the chosen one, otherwise the most
    typical good test photo by the version in use, otherwise a training photo."""
    rules = QueueRules.objects.filter(category__in=categories).exclude(golden=None)
    chosen = dict(rules.values_list("category", "golden"))
    return {category.pk: chosen.get(category.pk) or _typical(category) for category in categories}


def _typical(category: Category) -> int | None:
    judged = Judgement.objects.filter(
        version__deployments__category=category,
        version__deployments__kind=Kind.ACTIVE,
        version__deployments__until=None,
        label=GOOD,
        sample__isnull=False,
    )
    typical = judged.order_by("score", "pk").values_list("sample_id", flat=True).first()
    if typical:
        return typical
    good = Sample.objects.filter(category=category, label=GOOD).order_by("-split", "pk")
    return good.values_list("pk", flat=True).first()


@dataclass(frozen=True, slots=True)
class Waiting:
    category: Category
    n: int


def waiting_by_category(chosen: Category | None = None, *, person: Any = None) -> list[Waiting]:
    """Categories that have something in the queue, and the chosen one, by name."""
    counted = dict(waiting(person=person).order_by().values_list("category").annotate(n=Count("pk")))
    if chosen:
        counted.setdefault(chosen.pk, 0)
    categories = Category.objects.filter(pk__in=counted).order_by("name")
    return [Waiting(category, counted[category.pk]) for category in categories]


def decided_today(person: Any) -> int:
    """Reviews of a person since midnight in the person's zone, without withdrawn ones."""
    return Review.objects.filter(person=person, created__gte=_midnight(), withdrawal=None).count()


def _midnight() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def last_of(person: Any) -> Review | None:
    """What this person decided last, if a key may still take it back: within a day."""
    since = timezone.now() - timedelta(days=1)
    rows = Review.objects.filter(person=person, withdrawal=None, created__gte=since)
    return rows.order_by("-pk").first()


def reviews_of(inspection: Inspection) -> QuerySet[Review]:
    """All of them, withdrawn ones too, newest first."""
    joined = ("person", "defect_type", "withdrawal", "withdrawal__person")
    return Review.objects.filter(inspection=inspection).select_related(*joined).order_by("-pk")


def reviews() -> QuerySet[Review]:
    joined = ("person", "defect_type", "inspection__category", "withdrawal", "withdrawal__person")
    return Review.objects.select_related(*joined).order_by("-pk")


def review(pk: int) -> Review:
    row = reviews().filter(pk=pk).first()
    if row is None:
        raise Http404(f"There is no review {pk}.")
    return row
