"""What an archived category is closed to. Putting it there is `training.archive`, which knows its runs."""

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
