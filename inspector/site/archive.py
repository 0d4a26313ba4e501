"""Archiving a category, and unarchiving it. Its history stays; nothing new is added."""

from django.db import transaction
from django.utils import timezone

from inspector.categories.archived import locked
from inspector.categories.events import CategoryEvent
from inspector.categories.models import Category
from inspector.core.errors import Conflict
from inspector.core.events import Who, because_of_need, record
from inspector.training.selectors import open_run_of


def archive(category: Category, *, by: Who, reason: str) -> Category:
    """Out of lists, Home and Inspect. Photos that wait already are still judged.

    Refused "no_reason" without a reason; Conflict while a training is in progress: its result would be
    useless, and a person has to decide whether it may stop.
    """
    why = because_of_need(reason)
    with transaction.atomic():
        category = locked(category)
        if category.archived:
            raise Conflict("already_archived", f"{category} is already archived.", see=category)
        refuse_open_run(category, "archive")
        category.archived = timezone.now()
        category.save(update_fields=["archived"])
        record(by, CategoryEvent.ARCHIVED, category, slug=category.slug, **why)
    return category


def unarchive(category: Category, *, by: Who) -> Category:
    """In use again, with the version that judged its photos before."""
    with transaction.atomic():
        category = locked(category)
        if not category.archived:
            raise Conflict("not_archived", f"{category} is not archived.", see=category)
        category.archived = None
        category.save(update_fields=["archived"])
        record(by, CategoryEvent.UNARCHIVED, category, slug=category.slug)
    return category


def refuse_open_run(category: Category, verb: str) -> None:
    """Conflict while a training of it waits or runs."""
    run = open_run_of(category)
    if run is not None:
        raise Conflict(
            "run_open",
            f"A training of {category} is in progress. Wait until it has ended or cancel it, then {verb} "
            f"{category}.",
            see=run,
        )
