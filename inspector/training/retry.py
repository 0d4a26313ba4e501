"""Sending a failed run round again, on the samples it was asked for."""

from django.db import IntegrityError, transaction

from inspector.categories.archived import locked, refuse_archived
from inspector.core import jobs
from inspector.core.audit import Who, record
from inspector.core.errors import Conflict
from inspector.core.nudge import nudge
from inspector.training.models import TrainingRun
from inspector.training.submit import TASK, refuse_second_run


def retry(run: TrainingRun, *, by: Who) -> TrainingRun:
    """The failed run waits again. Conflict when it has not failed or another of its category is open."""
    try:
        with transaction.atomic():
            refuse_archived(locked(run.category))
            if not jobs.retry(TrainingRun.objects.filter(pk=run.pk)):
                raise Conflict("not_failed", f"{run} has not failed; only a failed run can be retried.")
            TrainingRun.objects.filter(pk=run.pk).update(
                cancel_requested=False, progress={}, error_details=""
            )
            record(by, "retry run", run, run=run.pk)
            transaction.on_commit(lambda: nudge(TASK, run.pk, queue="train"))
    except IntegrityError:
        refuse_second_run(run.category)
        raise
    run.refresh_from_db()
    return run
