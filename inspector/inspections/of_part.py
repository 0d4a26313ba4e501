"""The photos of one lot, serial or station, and the addresses of their pages."""

from collections import Counter
from typing import Any
from urllib.parse import quote

from django.db.models import QuerySet
from django.urls import reverse

from inspector.categories.models import Category
from inspector.inspections.models import Inspection

LAST = 5000  # inspections, whose lots are named as the newest ones


def rows_of(name: str, value: str, category: Category | None = None) -> QuerySet[Inspection]:
    """All photos with this lot, serial or station, newest first, of a category or all; none of the empty one.

    The query also says that it is not empty: so the database knows that the index over those is enough.
    """
    rows = Inspection.objects.filter(**{name: value, f"{name}__gt": ""})
    if category:
        rows = rows.filter(category=category)
    return rows.order_by("-created", "-pk")


def categories_of(lot: str) -> list[Category]:
    """Whose photos are of a lot of this name, by name: each has a lot of its own."""
    ids = rows_of("lot", lot).order_by().values("category").distinct()
    return list(Category.objects.filter(pk__in=ids).order_by("name"))


def address_of(name: str, value: str, category: str = "") -> str:
    """Of the page of a lot or serial. Browsers resolve dots and slashes: such a name goes as a query.

    category: the slug, where several have a lot of this name.
    """
    if any(step in ("", ".", "..") for step in value.split("/")):
        of = f"&category={category}" if category else ""
        return f"{reverse(f'parts:{name}s')}?name={quote(value, safe='')}{of}"
    return reverse(f"parts:{name}", args=[value]) + (f"?category={category}" if category else "")


def newest_lots() -> list[dict[str, Any]]:
    """The lots of the newest inspections, the newest first: lot, category, when and `address`."""
    fields = ("lot", "category", "category__name", "category__slug", "created")
    lots: dict[tuple[str, int], dict[str, Any]] = {}
    for row in Inspection.objects.order_by("-pk").values(*fields)[:LAST]:
        if row["lot"]:
            lots.setdefault((row["lot"], row["category"]), dict(row))
    named = Counter(lot for lot, _ in lots)
    for row in lots.values():
        several = named[row["lot"]] > 1
        row["address"] = address_of("lot", row["lot"], row["category__slug"] if several else "")
    return list(lots.values())
