"""What drift is looked for in: the newest photos that look good, and those they are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from inspector.categories.models import Category
from inspector.inspections.models import Inspection, Verdict
from inspector.registry.models import Change, Deployment, Kind
from inspector.registry.selectors import test_scores

LAST, AFTER = 500, 500  # photos
WEEKS = timedelta(weeks=2)
MOST_CATEGORIES = 20
SAMPLE = 6000  # photos of all categories in a period


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a photo. score: as the version gave it, or its quick draft (drafted); relative: as a
    multiple of the threshold."""

    created: datetime
    score: float
    relative: float
    brightness: float | None
    sharpness: float | None
    pixels: float
    drafted: bool


FIELDS = ("created", "score", "relative_score", "brightness", "sharpness", "pixels", "drafted")


@dataclass(frozen=True, slots=True)
class Recent:
    """began: the deployment that put its version into use. good_scores: of good test photos; none with a
    quick draft, whose estimates are not to be compared with these."""

    category: Category
    deployment: Deployment
    began: Deployment
    last: list[Seen]
    after: list[Seen]
    good_scores: list[float]


def _seen(rows: QuerySet[Inspection]) -> list[Seen]:
    values = rows.annotate(pixels=F("width") * F("height")).values_list(*FIELDS)
    return [Seen(*row) for row in values]


def in_use(category: Category | None) -> list[Deployment]:
    """What judges each category now, by name; archived ones are left out."""
    rows = Deployment.objects.filter(kind=Kind.ACTIVE, until=None, category__archived=None)
    rows = rows.filter(category=category) if category else rows
    rows = rows.select_related("category", "version__category").order_by("category__name")
    return list(rows.defer("version__metrics", "version__config", "version__plots")[:MOST_CATEGORIES])


def beginnings(deployments: Sequence[Deployment]) -> dict[int, Deployment]:
    """Since when each category has the version that it has, with its quick draft or without: like is compared
    with like. Other limits do not count."""
    rows = Deployment.objects.filter(
        kind=Kind.ACTIVE, category__in=[one.category_id for one in deployments]
    ).order_by("since", "pk")
    newest: dict[int, Deployment] = {}
    for row in rows:
        former = newest.get(row.category_id)
        if former is None or row.change != Change.LIMITS or row.fast != former.fast:
            newest[row.category_id] = row
    return newest


def recent(deployment: Deployment, began: Deployment) -> Recent:
    """Three reads, each with a limit on its rows."""
    promoted = began.since
    good = Inspection.objects.filter(
        category=deployment.category, verdict=Verdict.OK, version=deployment.version
    )
    last = _seen(good.filter(created__gte=promoted).order_by("-created", "-pk")[:LAST])[::-1]
    # What is among the last has nothing to be compared with yet.
    ends = min(promoted + WEEKS, last[0].created) if last else promoted
    after = _seen(good.filter(created__gte=promoted, created__lt=ends).order_by("created", "pk")[:AFTER])
    scores = [] if deployment.fast else test_scores(deployment.version)[0]
    return Recent(deployment.category, deployment, began, last, after, scores)


def sample(category: Category, since: datetime, until: datetime) -> list[Seen]:
    """Photos of a period that look good, evenly over time: all, or some of many, by their ids."""
    rows = Inspection.objects.filter(created__gte=since, created__lte=until)
    first = rows.order_by("created", "pk").values_list("pk", flat=True).first()
    last = rows.order_by("-created", "-pk").values_list("pk", flat=True).first()
    if first is None or last is None:
        return []
    good = rows.filter(category=category, verdict=Verdict.OK).order_by("created", "pk")
    first, last = min(first, last), max(first, last)
    if last - first >= SAMPLE:
        step = (last - first) / SAMPLE
        good = good.filter(pk__in=[first + round(step * n) for n in range(SAMPLE + 1)])
    return _seen(good[: SAMPLE + 1])
