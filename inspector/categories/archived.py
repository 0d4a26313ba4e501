"""What an archived or deleted category is closed to, even if that happened a moment ago.

Archiving is `site.archive`, deleting `site.delete`: they know its runs.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError
from django.utils import timezone
from django.utils.formats import date_format

from inspector.categories.models import Category
from inspector.core.errors import Conflict


def refuse_archived(category: Category) -> None:
    """Conflict "archived" where nothing new may go in: photos to judge, samples, trainings."""
    if category.archived is None:
        return
    since = date_format(timezone.localtime(category.archived), "j F Y")
    raise Conflict(
        "archived",
        f"{category} has been archived since {since}: its history is kept, and nothing can be added. Choose "
        "another category, or ask an admin to unarchive it.",
        see=category,
    )


def refuse_closed(category: Category) -> None:
    """Conflict "archived" or "deleted", by what the database says now."""
    current = Category.objects.filter(pk=category.pk).first()
    if current is None:
        raise deleted(category)
    refuse_archived(current)


def locked(category: Category) -> Category:
    """As it is now, held until the transaction ends: nobody archives or deletes it meanwhile."""
    current = Category.objects.select_for_update().filter(pk=category.pk).first()
    if current is None:
        raise deleted(category)
    return current


def deleted(category: Category) -> Conflict:
    return Conflict(
        "deleted",
        f"{category} has just been deleted, so nothing was saved. Reload the page and choose another "
        "category.",
    )


@contextmanager
def not_deleted(category: Category) -> Iterator[None]:
    """Around what writes rows of it: Conflict "deleted" where the database saw that it is gone."""
    try:
        yield
    except IntegrityError:
        if Category.objects.filter(pk=category.pk).exists():
            raise
        raise deleted(category) from None
