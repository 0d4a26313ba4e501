"""Requesting an exploration of a category's samples."""

from django.db import IntegrityError, transaction

from inspector.categories.archived import not_deleted
from inspector.categories.models import Category
from inspector.core import work
from inspector.core.errors import Conflict, Refused
from inspector.core.events import Who
from inspector.core.jobs import State, open_condition
from inspector.samples.models import Exploration
from inspector.samples.selectors import explorations, samples_digest


def ask(category: Category, *, by: Who) -> Exploration:
    """The exploration of the samples as they are now: the existing one, finished or not, otherwise a new one.

    Refused when there are no samples.
    """
    digest = samples_digest(category)
    known = _known(category, digest)
    if known:
        return known
    if not category.samples.exists():
        raise Refused("no_samples", f"{category} has no samples yet. Add photos to it first.")
    try:
        with not_deleted(category), transaction.atomic():
            made = Exploration.objects.create(category=category, digest=digest, requested_by=by)
            transaction.on_commit(lambda: work.send(made))
    except IntegrityError:
        # Somebody requested one between the check and the write: the database's constraint caught it.
        made_meanwhile = _known(category, digest)
        if made_meanwhile is None:
            raise
        return made_meanwhile
    return made


def retry(exploration: Exploration) -> Exploration:
    """The failed one waits again. Conflict when it has not failed or a newer one is open."""
    try:
        with transaction.atomic():
            if not work.retry(exploration):
                raise Conflict(
                    "not_failed", "This exploration has not failed; only a failed one can be retried."
                )
            transaction.on_commit(lambda: work.send(exploration))
    except IntegrityError:
        raise Conflict("open", "The samples are already being explored.") from None
    exploration.refresh_from_db()
    return exploration


def _known(category: Category, digest: str) -> Exploration | None:
    """An open one, whatever it was asked for: it looks at the samples as they are when it begins."""
    rows = explorations(category)
    return rows.filter(open_condition()).first() or rows.filter(digest=digest, state=State.DONE).first()
