"""Stopping a run."""

from django.db import transaction

from inspector.core import work
from inspector.core.errors import Conflict
from inspector.core.events import Who, record
from inspector.training.events import TrainingEvent
from inspector.training.family import in_step, with_family
from inspector.training.models import TrainingRun


def cancel(run: TrainingRun, *, by: Who) -> TrainingRun:
    """A waiting run ends at once; a running one is asked to, and ends within a few seconds. All of a family
    end together."""
    with transaction.atomic():
        family = list(with_family(run))
        if not work.cancel(family[0]):
            run.refresh_from_db()  # it may have ended while this waited for its row
            raise Conflict("run_over", f"{run} is already {run.get_state_display().lower()}.")
        with_family(run).update(cancel_requested=True)
        in_step()
        for one in family:
            record(by, TrainingEvent.CANCELLED, one)
    run.refresh_from_db()
    return run
