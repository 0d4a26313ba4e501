"""Pages of a long list by key, so that the last page costs what the first one costs."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from inspector.core.numbers import whole

Row = TypeVar("Row", bound=Model)
PAGE_SIZE = 48


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows, newest first, and the ids to continue from; None where there is no more.

    The address of the newer page is `after=<newer>`, of the older one `before=<older>`.
    """

    rows: list[Row]
    newer: int | None
    older: int | None


def page(
    rows: QuerySet[Row], *, before: int | None = None, after: int | None = None, size: int = PAGE_SIZE
) -> Page[Row]:
    """One page of `rows`, which are ordered by "-pk"."""
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


def place(request: HttpRequest) -> dict[str, Any]:
    """`before` and `after` of the address, as `page` takes them."""
    return {name: whole(request.GET.get(name)) for name in ("before", "after")}
