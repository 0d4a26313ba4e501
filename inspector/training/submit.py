"""Asking for a training."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from inspector.categories.archived import locked, refuse_archived
from inspector.categories.models import Category
from inspector.core import work
from inspector.core.errors import Conflict, Refused
from inspector.core.events import Who, record
from inspector.samples.models import DatasetSnapshot, Split
from inspector.samples.selectors import digest_of, samples
from inspector.training.ability import refuse_unable
from inspector.training.events import TrainingEvent
from inspector.training.models import TrainingRun
from inspector.training.options import DEFAULT_METHOD, METHODS, checked, checked_method
from inspector.training.selectors import done_runs, open_run_of


def submit(
    *,
    category: Category,
    by: Who,
    method: str | None = None,
    options: dict[str, Any] | None = None,
    promote_when_done: bool = False,
    send: bool = True,
) -> TrainingRun:
    """A waiting run on the samples as they are now; a worker is notified when this is committed.

    Without a method it is trained by the category's last one, without options as its last version of
    that method was. With send=False no worker is notified: the caller trains it.
    Conflict where a run is open, or where the method cannot be trained for want of weights.
    """
    method = usual_method(category) if method is None else checked_method(method)
    options = usual_options(category, method) if options is None else checked(options)
    refuse_unable(method, options.get("backbone", ""), here=not send)
    refuse_second_run(category)
    try:
        with transaction.atomic():
            # As it is now, and nobody archives or deletes it meanwhile.
            refuse_archived(locked(category))
            run = TrainingRun.objects.create(
                category=category,
                snapshot=freeze(category),
                requested_by=by,
                method=method,
                options=options,
                promote_when_done=promote_when_done,
            )
            record(by, TrainingEvent.REQUESTED, run, method=method, options=options)
            if send:
                transaction.on_commit(lambda: work.send(run))
    except IntegrityError:
        # Somebody was faster between the look and the write: the database's constraint saw it.
        refuse_second_run(category)
        raise
    return run


def usual_method(category: Category) -> str:
    """The method of the category's newest run that somebody asked for and that ended well; the default
    before that."""
    last = _asked_for(category).first()
    return last.method if last and last.method in METHODS else DEFAULT_METHOD


def usual_options(category: Category, method: str) -> dict[str, Any]:
    """The options of the newest such run by that method; none (the method's own) before that."""
    last = _asked_for(category).filter(method=method).first()
    return last.options if last else {}


def _asked_for(category: Category) -> QuerySet[TrainingRun]:
    """Not those of the first start, which promote themselves: the baseline was taken there to be ready within
    minutes, and by nobody."""
    return done_runs(category).filter(promote_when_done=False)


def refuse_second_run(category: Category) -> None:
    """Conflict when a run of the category is open; says whose it is and since when."""
    run = open_run_of(category)
    if run is None:
        return
    who = run.requested_by or "The system"
    when = timezone.localtime(run.created).strftime("%H:%M on %-d %B")
    raise Conflict(
        "run_open",
        f"{who} started a training of {category} at {when} and it is {run.get_state_display().lower()}. "
        "Wait until it has ended, or cancel it first.",
    )


def freeze(category: Category) -> DatasetSnapshot:
    """The category's samples as they stand, kept for ever."""
    fields = ("id", "sha256", "split", "label", "filename", "image", "mask")
    items = list(samples(category).values(*fields))
    if not any(item["split"] == Split.TRAIN for item in items):
        raise Refused(
            "too_few_samples",
            f"{category} has no training samples. Add photos of good parts to it, then train.",
        )
    sha256 = digest_of((item["sha256"], item["split"], item["label"]) for item in items)
    return DatasetSnapshot.objects.create(category=category, items=items, sha256=sha256)
