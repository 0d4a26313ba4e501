"""The photos of one lot, serial or station, and the addresses of their pages."""

from typing import Any
from urllib.parse import quote

from django.db.models import QuerySet
from django.urls import reverse

from inspector.inspections.models import Inspection

LAST = 5000  # inspections, whose lots are named as the newest ones


def rows_of(name: str, value: str) -> QuerySet[Inspection]:
    """All photos with this lot, serial or station, newest first; none of the empty one.

    That it is not empty is said, too: so the database knows that the index over those is enough.
    """
    rows = Inspection.objects.filter(**{name: value, f"{name}__gt": ""})
    return rows.order_by("-created", "-pk")


def address_of(name: str, value: str) -> str:
    """Of the page of a lot or serial. Browsers resolve dots and slashes: such a name goes as a query."""
    if any(step in ("", ".", "..") for step in value.split("/")):
        return f"{reverse(f'parts:{name}s')}?name={quote(value, safe='')}"
    return reverse(f"parts:{name}", args=[value])


def newest_lots() -> list[dict[str, Any]]:
    """The lots of the newest inspections, the newest first: lot, category and when."""
    rows = Inspection.objects.order_by("-pk").values("lot", "category__name", "created")[:LAST]
    lots: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["lot"]:
            lots.setdefault(row["lot"], dict(row))
    return list(lots.values())
