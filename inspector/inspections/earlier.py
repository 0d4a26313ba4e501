"""The earlier result of the very same file in the same category."""

from collections.abc import Iterable

from django.db.models import OuterRef, QuerySet, Subquery

from inspector.core.jobs import State
from inspector.inspections.models import Inspection

CHUNK = 500  # rows in one query: databases bound how many values one may hold


def with_earlier(rows: Iterable[Inspection]) -> list[Inspection]:
    """The rows, each with `earlier`: the newest inspection of the same file before it, or None. One query."""
    inspections = list(rows)
    for start in range(0, len(inspections), CHUNK):
        _attach(inspections[start : start + CHUNK])
    return inspections


def _attach(rows: list[Inspection]) -> None:
    same: dict[tuple[int, str], list[Inspection]] = {}
    for one in _before(Inspection.objects.filter(pk__in=[row.pk for row in rows])):
        same.setdefault((one.category_id, one.sha256), []).append(one)
    for row in rows:
        candidates = same.get((row.category_id, row.sha256), [])
        row.earlier = max(
            (one for one in candidates if one.pk < row.pk), key=lambda one: one.pk, default=None
        )


def _before(rows: QuerySet[Inspection]) -> QuerySet[Inspection]:
    """One look into the index for each row, however often the file was sent."""
    same = Inspection.objects.filter(
        sha256=OuterRef("sha256"), category=OuterRef("category"), pk__lt=OuterRef("pk"), state=State.DONE
    )
    newest = rows.order_by().annotate(newest=Subquery(same.order_by("-pk").values("pk")[:1])).values("newest")
    columns = ("id", "category_id", "sha256", "verdict", "finished", "created")
    return Inspection.objects.filter(pk__in=newest).order_by().only(*columns)
