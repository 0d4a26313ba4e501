"""Stopping a run."""

from django.db import transaction

from inspector.core import work
from inspector.core.errors import Conflict
from inspector.core.events import Who, record
from inspector.training.events import TrainingEvent
from inspector.training.models import TrainingRun


def cancel(run: TrainingRun, *, by: Who) -> TrainingRun:
    """A waiting run ends at once; a running one is asked to, and ends within a few seconds."""
    with transaction.atomic():
        if not work.cancel(run):
            raise Conflict("run_over", f"{run} is already {run.get_state_display().lower()}.")
        record(by, TrainingEvent.CANCELLED, run)
    return run
