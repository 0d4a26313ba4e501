"""Stopping a look at a category's samples."""

from django.db import transaction

from inspector.core import work
from inspector.core.errors import Conflict
from inspector.samples.models import Exploration


def cancel(exploration: Exploration) -> Exploration:
    """A waiting one ends at once; a running one is asked to, and ends within a few seconds."""
    with transaction.atomic():
        if not work.cancel(exploration):
            state = exploration.get_state_display().lower()
            raise Conflict("exploration_over", f"{exploration} is already {state}.")
    return exploration
