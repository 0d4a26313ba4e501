"""The history in two orders, page by page and by key: the last page costs what the first one costs."""

from django.db.models import Q, QuerySet

from inspector.core import paging
from inspector.core.paging import PAGE_SIZE, Page
from inspector.inspections.models import Inspection

BY_SCORE = "score"


def page(
    rows: QuerySet[Inspection],
    *,
    before: int | None = None,
    after: int | None = None,
    size: int = PAGE_SIZE,
    by_score: bool = False,
) -> Page[Inspection]:
    """Newest first, or the highest score first: as a multiple of its threshold, those without one last.

    By score, the page of higher ones is `after=<newer>`, that of lower ones `before=<older>`.
    """
    if not by_score:
        return paging.page(rows, before=before, after=after, size=size)
    if after is not None:
        found = list(up(rows, after, by_score=True)[: size + 1])
        return _page(found[:size][::-1], higher=len(found) > size, lower=True)
    start = _ordered(rows, True) if before is None else down(rows, before, by_score=True)
    found = list(start[: size + 1])
    return _page(found[:size], higher=before is not None, lower=len(found) > size)


def _page(found: list[Inspection], *, higher: bool, lower: bool) -> Page[Inspection]:
    if not found:
        return Page([], None, None)
    return Page(found, found[0].pk if higher else None, found[-1].pk if lower else None)


def down(rows: QuerySet[Inspection], pk: int, *, by_score: bool = False) -> QuerySet[Inspection]:
    """Those after this one: the next first."""
    if by_score:
        score = _score_of(pk)
        # The first condition is what the index is entered by.
        rows = rows.filter(relative_score__lte=score).filter(Q(relative_score__lt=score) | Q(pk__lt=pk))
    else:
        rows = rows.filter(pk__lt=pk)
    return _ordered(rows, by_score)


def up(rows: QuerySet[Inspection], pk: int, *, by_score: bool = False) -> QuerySet[Inspection]:
    """Those before this one: the nearest first."""
    if by_score:
        score = _score_of(pk)
        rows = rows.filter(relative_score__gte=score).filter(Q(relative_score__gt=score) | Q(pk__gt=pk))
        return rows.order_by("relative_score", "pk")
    return rows.filter(pk__gt=pk).order_by("pk")


def _ordered(rows: QuerySet[Inspection], by_score: bool) -> QuerySet[Inspection]:
    return rows.order_by("-relative_score", "-pk") if by_score else rows.order_by("-pk")


def _score_of(pk: int) -> float:
    """Below every score where there is no such inspection: its page is empty."""
    found = Inspection.objects.filter(pk=pk).values_list("relative_score", flat=True).first()
    return -float("inf") if found is None else found
