"""Retrying a failed run, on the samples it was asked for."""

from django.db import IntegrityError, transaction

from inspector.categories.archived import locked, refuse_archived
from inspector.core import work
from inspector.core.errors import Conflict
from inspector.core.events import Who, record
from inspector.training.events import TrainingEvent
from inspector.training.models import TrainingRun
from inspector.training.submit import refuse_second_run


def retry(run: TrainingRun, *, by: Who) -> TrainingRun:
    """The failed run waits again. Conflict when it has not failed or another of its category is open."""
    try:
        with transaction.atomic():
            refuse_archived(locked(run.category))
            if not work.retry(run):
                raise Conflict("not_failed", f"{run} has not failed; only a failed run can be retried.")
            record(by, TrainingEvent.RETRIED, run)
            transaction.on_commit(lambda: work.send(run))
    except IntegrityError:
        refuse_second_run(run.category)
        raise
    run.refresh_from_db()
    return run
