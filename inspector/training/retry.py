"""Retrying a failed run, on the samples it was asked for."""

from django.db import IntegrityError, transaction

from inspector.categories.archived import locked, refuse_archived
from inspector.core import work
from inspector.core.errors import Conflict
from inspector.core.events import Who, record
from inspector.training.events import TrainingEvent
from inspector.training.family import with_family
from inspector.training.models import TrainingRun
from inspector.training.submit import refuse_second_run


def retry(run: TrainingRun, *, by: Who) -> TrainingRun:
    """The failed run waits again, and so do all that are trained together with it. Conflict when it has not
    failed, or when another run of one of their categories is open."""
    family = list(with_family(run))
    try:
        with transaction.atomic():
            for one in sorted(family, key=lambda one: one.category_id):
                refuse_archived(locked(one.category))
            if not all(work.retry(one) for one in family):
                raise Conflict("not_failed", f"{run} has not failed; only a failed run can be retried.")
            for one in family:
                record(by, TrainingEvent.RETRIED, one)
            transaction.on_commit(lambda: work.send(family[0]))
    except IntegrityError:
        for one in family:
            refuse_second_run(one.category)
        raise
    run.refresh_from_db()
    return run
