"""Asking for a trial, stopping it, and forgetting the old ones."""

import uuid
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from detection import UnreadableImage
from inspector.accounts.people import one_at_a_time
from inspector.core import clock, files, uploads, work
from inspector.core.errors import Conflict, Refused
from inspector.core.events import record
from inspector.core.jobs import OPEN
from inspector.registry.models import Deployment, Kind, ModelVersion
from inspector.trials.asked import GONE
from inspector.trials.events import TrialEvent
from inspector.trials.models import KEPT, Trial, TrialJudgement

MOST_OPEN = 3  # of a person
NO_PHOTO = "Choose a photo."
NO_VERSION = "Choose at least one version."


def ask(*, photo: "File[bytes] | None", versions: Sequence[ModelVersion], by: Any) -> Trial:
    """Store the photo, and have it judged by these versions.

    Raises Refused "invalid_trial" or "version_gone" with fields, Conflict "too_many_trials", NoRoom.
    """
    if photo is None:
        raise Refused("invalid_trial", NO_PHOTO, fields={"photo": [NO_PHOTO]})
    if not versions:
        raise Refused("invalid_trial", NO_VERSION, fields={"version": [NO_VERSION]})
    try:
        accepted = uploads.check(photo)
    except UnreadableImage as problem:
        raise Refused("invalid_trial", str(problem), fields={"photo": [str(problem)]}) from problem
    _refuse_more(by)  # before the photo is stored
    name = f"trials/{timezone.now():%Y/%m/%d}/{uuid.uuid4()}/original{accepted.extension}"
    with files.all_or_none() as store:
        store(name, accepted.upload)
        return _written(name, accepted, versions, by)


def _refuse_more(by: Any) -> None:
    if Trial.objects.filter(requested_by=by, state__in=OPEN).count() >= MOST_OPEN:
        raise Conflict(
            "too_many_trials",
            f"{MOST_OPEN} of your trials are under way. Wait until one is done, or cancel one.",
        )


def _written(name: str, accepted: uploads.Accepted, versions: Sequence[ModelVersion], by: Any) -> Trial:
    active = {
        deployment.version_id: deployment
        for deployment in Deployment.objects.filter(version__in=versions, kind=Kind.ACTIVE, until=None)
    }
    with transaction.atomic():
        one_at_a_time(by)
        _refuse_deleted(versions)
        _refuse_more(by)  # of two at once the second one sees the first one's
        trial = Trial.objects.create(
            photo=name,
            filename=accepted.filename,
            sha256=accepted.sha256,
            width=accepted.width,
            height=accepted.height,
            requested_by=by,
        )
        TrialJudgement.objects.bulk_create(_row(trial, one, active.get(one.pk)) for one in versions)
        record(
            by, TrialEvent.ASKED, str(trial), filename=trial.filename, versions=[str(one) for one in versions]
        )
        transaction.on_commit(lambda: work.send(trial))
    return trial


def _refuse_deleted(versions: Sequence[ModelVersion]) -> None:
    """None of them can be deleted from here until the transaction ends."""
    rows = ModelVersion.objects.select_for_update(no_key=True).filter(pk__in=[one.pk for one in versions])
    if len(rows.values_list("pk")) < len(versions):
        raise Refused("version_gone", GONE, fields={"version": [GONE]})


def _row(trial: Trial, version: ModelVersion, active: Deployment | None) -> TrialJudgement:
    """By the limits at work; a version that is not at work has those of its training."""
    limits = active or version
    return TrialJudgement(
        trial=trial,
        version=version,
        threshold=limits.threshold,
        review_from=limits.review_from,
        map_low=limits.map_low,
        map_high=limits.map_high,
    )


def cancel(trial: Trial) -> Trial:
    """A waiting one ends at once; a running one is asked to. Raises Conflict "trial_over"."""
    work.stop(trial, "trial_over")
    return trial


def forget_old() -> int:
    """Remove trials that ended some days ago, with their photos. How many."""
    old = Trial.objects.exclude(state__in=OPEN).filter(finished__lt=clock.now() - KEPT)
    names = [str(name) for name in old.values_list("photo", flat=True)]
    count = len(names)
    old.delete()
    for name in names:
        files.delete_folder(str(PurePosixPath(name).parent))
    return count
