"""Reads about marks: which one counts, of one photo and of many."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from inspector.inspections.models import Inspection
from inspector.reviews import outcomes
from inspector.reviews.models import Decision, Mark


def marks() -> QuerySet[Mark]:
    """All of them, withdrawn ones too, newest first."""
    joined = ("person", "inspection", "withdrawal", "withdrawal__person")
    return Mark.objects.select_related(*joined).order_by("-pk")


def one(pk: int) -> Mark:
    mark = marks().filter(pk=pk).first()
    if mark is None:
        raise Http404(f"There is no mark {pk}.")
    return mark


def standing_mark(inspection: Inspection) -> Mark | None:
    """The newest, if it was not withdrawn: withdrawing it does not bring back an earlier one."""
    newest = marks().filter(inspection=inspection).first()
    return newest if newest and not hasattr(newest, "withdrawal") else None


def counting_mark(inspection: Inspection) -> Mark | None:
    """The same, unless the part has since been decided to be good."""
    mark = standing_mark(inspection)
    if mark is None:
        return None
    review = outcomes.standing(inspection)
    return None if review and review.decision == Decision.GOOD else mark


def own_marks(inspections: Iterable[Inspection], person: Any) -> dict[int, Mark]:
    """By inspection, this person's marks that count: whoever decides does not see what others marked."""
    newest: dict[int, Mark] = {}
    for mark in marks().filter(inspection__in=list(inspections)):
        newest.setdefault(mark.inspection_id, mark)
    return {
        pk: mark
        for pk, mark in newest.items()
        if mark.person_id == person.pk and not hasattr(mark, "withdrawal")
    }
