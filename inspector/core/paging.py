"""Pages of a long list by key, so that the last page costs what the first one costs."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import F, Model, Q, QuerySet
from django.http import HttpRequest

from inspector.core.numbers import whole

Row = TypeVar("Row", bound=Model)
PAGE_SIZE = 48


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows, and the ids to continue from; None where there is no more.

    Whichever way the list is sorted, rows with higher keys are at `after=<newer>` and those with lower
    ones at `before=<older>`.
    """

    rows: list[Row]
    newer: int | None
    older: int | None
    # Lowest key first.
    rising: bool = False


def page(
    rows: QuerySet[Row],
    *,
    before: int | None = None,
    after: int | None = None,
    size: int = PAGE_SIZE,
    by: str = "",
    rising: bool = False,
) -> Page[Row]:
    """One page of `rows`, sorted by the field `by` and then the id, or by the id alone; the highest first."""
    upwards = after is not None or (rising and before is None)
    listed = list((up if upwards else down)(rows, after if upwards else before, by=by)[: size + 1])
    more, listed = len(listed) > size, listed[:size]
    if not listed:
        return Page([], None, None, rising)
    lowest, highest = (listed[0].pk, listed[-1].pk) if upwards else (listed[-1].pk, listed[0].pk)
    newer = more if upwards else before is not None
    older = after is not None if upwards else more
    if upwards != rising:
        listed.reverse()
    return Page(listed, highest if newer else None, lowest if older else None, rising)


def down(rows: QuerySet[Row], pk: int | None, *, by: str = "") -> QuerySet[Row]:
    """Those with keys below this row's, the nearest first; all of them where `pk` is None."""
    return _beyond(rows, pk, by, "lt").order_by(*[f"-{by}"] if by else [], "-pk")


def up(rows: QuerySet[Row], pk: int | None, *, by: str = "") -> QuerySet[Row]:
    """Those with keys above this row's, the nearest first; all of them where `pk` is None."""
    return _beyond(rows, pk, by, "gt").order_by(*[by] if by else [], "pk")


def _beyond(rows: QuerySet[Row], pk: int | None, by: str, than: str) -> QuerySet[Row]:
    if pk is None:
        return rows
    if not by:
        return rows.filter(**{f"pk__{than}": pk})
    # `by` may be an expression that the rows were annotated with.
    value_of = rows.query.annotations.get(by, F(by))
    value = rows.model._base_manager.filter(pk=pk).values_list(value_of, flat=True).first()
    if value is None:
        return rows.none()
    # The first condition is what an index is entered by.
    rows = rows.filter(**{f"{by}__{than}e": value})
    return rows.filter(Q(**{f"{by}__{than}": value}) | Q(**{f"pk__{than}": pk}))


def place(request: HttpRequest) -> dict[str, Any]:
    """`before` and `after` of the address, as `page` takes them."""
    return {name: whole(request.GET.get(name)) for name in ("before", "after")}
