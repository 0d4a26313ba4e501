"""Requesting a training."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from inspector.categories.archived import locked, refuse_archived
from inspector.categories.models import Category
from inspector.core import work
from inspector.core.errors import Conflict, Refused
from inspector.core.events import Who, record
from inspector.registry.artifacts import refuse_damaged
from inspector.registry.models import ModelVersion
from inspector.samples.models import DatasetSnapshot, Split
from inspector.samples.selectors import digest_of, samples
from inspector.training.ability import refuse_unable, refuse_unable_to_join
from inspector.training.events import TrainingEvent
from inspector.training.family import checked_family, refuse_joining
from inspector.training.models import TrainingRun
from inspector.training.options import DEFAULT_METHOD, METHODS, checked_for, checked_method
from inspector.training.selectors import done_runs, open_run_of


def submit(
    *,
    category: Category,
    by: Who,
    method: str | None = None,
    options: dict[str, Any] | None = None,
    fast: bool | None = None,
    promote_when_done: bool = False,
    send: bool = True,
) -> TrainingRun:
    """A waiting run on the samples as they are now; a worker is notified when this is committed.

    Without a method, the category's last one is used; without options, those of its last training by that
    method. fast: whether a quick draft is made with it; None: as last time. With send=False no worker is
    notified: the caller trains it.
    Conflict where a run is open, or where the method cannot be trained because weights are missing.
    """
    method = usual_method(category) if method is None else checked_method(method)
    options = usual_options(category, method) if options is None else checked_for(method, options)
    fast = usual_fast(category) if fast is None else fast
    refuse_unable(method, options.get("backbone", ""), here=not send)
    asked = {"method": method, "options": options, "fast": fast, "promote_when_done": promote_when_done}
    return _create([category], by, asked, send=send)[0]


def submit_family(
    categories: Sequence[Category],
    *,
    by: Who,
    method: str,
    options: dict[str, Any] | None = None,
    fast: bool = False,
    send: bool = True,
) -> list[TrainingRun]:
    """A waiting run for each category; trained together, they share one model. A worker takes the first.

    Refused as by `submit` for any of them, and for a method that cannot share; then none of them is trained.
    """
    categories = list(dict.fromkeys(categories))
    checked_family(categories, method)
    options = checked_for(method, options)
    refuse_unable(method, options.get("backbone", ""), here=not send)
    return _create(categories, by, {"method": method, "options": options, "fast": fast}, send=send)


def join(
    category: Category, version: ModelVersion, *, by: Who, fast: bool = False, send: bool = True
) -> TrainingRun:
    """A waiting run that joins another category's version, and learns only what is its own.

    Method and options are that version's. fast: whether a quick draft is made with it. Refused as by
    `submit`, and where that network cannot be joined or its files cannot be read.
    """
    refuse_joining(category, version)
    refuse_unable_to_join(version.method, str(version.making.options.get("backbone", "")), here=not send)
    refuse_damaged(version)
    asked = {"method": version.method, "joins": version, "joins_name": str(version), "fast": fast}
    return _create([category], by, asked, send=send)[0]


def _create(categories: list[Category], by: Who, asked: dict[str, Any], *, send: bool) -> list[TrainingRun]:
    for category in categories:
        refuse_second_run(category)
    runs: list[TrainingRun] = []
    try:
        with transaction.atomic():
            # As they are now, and nobody archives or deletes one meanwhile; always in the same order.
            for category in sorted(categories, key=lambda category: category.pk):
                refuse_archived(locked(category))
            for category in categories:
                lead = runs[0] if runs else None
                run = TrainingRun.objects.create(
                    category=category, snapshot=freeze(category), requested_by=by, lead=lead, **asked
                )
                record(by, TrainingEvent.REQUESTED, run, **_in_trail(asked, categories))
                runs.append(run)
            if send:
                transaction.on_commit(lambda: work.send(runs[0]))
    except IntegrityError:
        # Somebody was faster between the check and the write: the database's constraint caught it.
        for category in categories:
            refuse_second_run(category)
        raise
    return runs


def _in_trail(asked: dict[str, Any], categories: list[Category]) -> dict[str, Any]:
    words: dict[str, Any] = {"method": asked["method"], "options": asked.get("options", {})}
    if len(categories) > 1:
        words["family"] = [str(category) for category in categories]
    if joins := asked.get("joins_name"):
        words["joins"] = joins
    if asked.get("fast"):
        words["fast"] = True
    return words


def usual_method(category: Category) -> str:
    """The method of the category's newest training that somebody asked for and that ended well; the default
    before that."""
    last = _asked_for(category).first()
    return last.method if last and last.method in METHODS else DEFAULT_METHOD


def usual_options(category: Category, method: str) -> dict[str, Any]:
    """The options of the newest such run by that method; none (the method's own) before that."""
    last = _asked_for(category).filter(method=method).first()
    return last.options if last else {}


def usual_fast(category: Category) -> bool:
    """Whether the newest such run, by whatever method, was to have a quick draft."""
    last = _asked_for(category).first()
    return bool(last and last.fast)


def _asked_for(category: Category) -> QuerySet[TrainingRun]:
    """Not those of the first start, which promote themselves: nobody chose their method, which is ready
    within minutes. Nor those that joined a version, whose method a person takes because photos are few."""
    return done_runs(category).filter(promote_when_done=False, joins_name="")


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
    """The category's samples as they are now, kept for ever."""
    fields = ("id", "sha256", "split", "label", "filename", "image", "mask")
    items = list(samples(category).values(*fields))
    if not any(item["split"] == Split.TRAIN for item in items):
        raise Refused(
            "too_few_samples",
            f"{category} has no training samples. Add photos of good parts to it, then train.",
        )
    sha256 = digest_of((item["sha256"], item["split"], item["label"]) for item in items)
    return DatasetSnapshot.objects.create(category=category, items=items, sha256=sha256)
