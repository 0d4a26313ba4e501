"""Decided photos that could train or test: which are new since a version was trained."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from inspector.categories.models import Category
from inspector.inspections.models import Inspection, Outcome
from inspector.registry.models import ModelVersion
from inspector.reviews.models import SentSample
from inspector.samples.models import GOOD
from inspector.training.models import TrainingRun

COUNTED = 1_000  # no more are counted
DECIDED = (Outcome.GOOD, Outcome.DEFECTIVE)


@dataclass(frozen=True, slots=True)
class New:
    """`n` decided photos that the version does not know; `more`: there are more than that."""

    n: int
    more: bool
    version: ModelVersion | None


def decided(category: Category) -> QuerySet[Inspection]:
    """Reviewed photos that ended as good or defective, the newest decision first."""
    rows = Inspection.objects.filter(category=category, reviewed__isnull=False, outcome__in=DECIDED)
    return rows.order_by("-reviewed", "-pk")


def waiting_for_samples(category: Category) -> QuerySet[Inspection]:
    """Those that were not sent to the samples."""
    return decided(category).filter(sent_sample=None)


def decided_otherwise(category: Category) -> QuerySet[SentSample]:
    """Samples that the newest decision contradicts: good ones of photos that are not good, and the
    reverse."""
    good = Q(sample__label=GOOD)
    against = (good & ~Q(inspection__outcome=Outcome.GOOD)) | (
        ~good & ~Q(inspection__outcome=Outcome.DEFECTIVE)
    )
    rows = SentSample.objects.filter(against, inspection__category=category, sample__isnull=False)
    return rows.select_related("sample", "inspection").order_by("-pk")


def speaks_against(inspection: Inspection, sent: SentSample | None) -> bool:
    """The same of one photo."""
    if sent is None or sent.sample is None:
        return False
    wanted = Outcome.GOOD if sent.sample.label == GOOD else Outcome.DEFECTIVE
    return bool(inspection.outcome != wanted)


def new_since(category: Category, version: ModelVersion | None) -> New:
    """Decided since the version's samples were frozen, whether they are among the samples by now or not."""
    rows = decided(category)
    if version is not None:
        rows = rows.filter(reviewed__gt=_frozen(version))
    n = len(rows.values_list("pk")[: COUNTED + 1])
    return New(min(n, COUNTED), n > COUNTED, version)


def _frozen(version: ModelVersion) -> datetime:
    taken = TrainingRun.objects.filter(version=version).values_list("snapshot__created", flat=True).first()
    return taken or version.created
