"""Stopping a run."""

from django.db import transaction

from inspector.core import clock
from inspector.core.audit import Who, record
from inspector.core.errors import Conflict
from inspector.core.jobs import State
from inspector.training.models import TrainingRun


def cancel(run: TrainingRun, *, by: Who) -> TrainingRun:
    """A waiting run ends at once; a running one is asked to, and ends within a few seconds."""
    this = TrainingRun.objects.filter(pk=run.pk)
    with transaction.atomic():
        ended = this.filter(state=State.WAITING).update(
            state=State.CANCELLED, finished=clock.now(), cancel_requested=True
        )
        if not ended and not this.filter(state=State.RUNNING).update(cancel_requested=True):
            run.refresh_from_db()
            raise Conflict("run_over", f"{run} is already {run.get_state_display().lower()}.")
        record(by, "cancel run", run, run=run.pk)
    run.refresh_from_db()
    return run
