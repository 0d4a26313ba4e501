"""The photos right before and after one: of many at once, so that eight cost as many queries as one."""

from collections.abc import Sequence
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from inspector.inspections.models import Inspection

# Two on either side, in the order in which they are shown.
PLACES = ("last_2", "last_1", "next_1", "next_2")
SHOWN = ("filename", "verdict")


def beside(inspections: Sequence[Inspection]) -> dict[int, list[Inspection]]:
    """By id of each inspection, the ones right before and after it in its lot; without a lot, what was sent
    together with it. Of these, what a thumbnail with its title needs."""
    in_lots = [one.pk for one in inspections if one.lot]
    in_batches = [one.pk for one in inspections if not one.lot]
    ids = _ids(in_lots, *_in_lot()) | _ids(in_batches, *_in_batch())
    rows = Inspection.objects.only(*SHOWN).in_bulk({pk for around in ids.values() for pk in around})
    return {pk: [rows[one] for one in around if one in rows] for pk, around in ids.items()}


def _ids(of: list[int], before: QuerySet[Any], after: QuerySet[Any]) -> dict[int, list[int]]:
    if not of:
        return {}
    places = (before[1:2], before[:1], after[:1], after[1:2])
    found = {name: Subquery(rows.values("pk")) for name, rows in zip(PLACES, places, strict=True)}
    asked = Inspection.objects.filter(pk__in=of).annotate(**found)
    return {pk: [one for one in around if one] for pk, *around in asked.values_list("pk", *PLACES)}


def _in_lot() -> tuple[QuerySet[Any], QuerySet[Any]]:
    # `lot__gt` and the bound on the time alone are for the index of lots.
    here = Q(lot=OuterRef("lot"), lot__gt="", category=OuterRef("category"))
    rows = Inspection.objects.filter(here).exclude(thumbnail="")
    time, pk = OuterRef("created"), OuterRef("pk")
    before = rows.filter(Q(created__lt=time) | Q(pk__lt=pk), created__lte=time)
    after = rows.filter(Q(created__gt=time) | Q(pk__gt=pk), created__gte=time)
    return before.order_by("-created", "-pk"), after.order_by("created", "pk")


def _in_batch() -> tuple[QuerySet[Any], QuerySet[Any]]:
    rows = Inspection.objects.filter(batch=OuterRef("batch")).exclude(thumbnail="")
    before, after = rows.filter(pk__lt=OuterRef("pk")), rows.filter(pk__gt=OuterRef("pk"))
    return before.order_by("-pk"), after.order_by("pk")
