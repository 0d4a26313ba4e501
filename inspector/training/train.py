"""Doing a training: claim, learn, register. Nothing a worker does here is lost or done twice."""

import hashlib
import logging
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import F

import detection
from detection.faults import fault_of, raw
from detection.options import for_method
from inspector.categories.models import Split
from inspector.core import files, jobs
from inspector.core.audit import record
from inspector.core.errors import Refused
from inspector.core.heartbeat import Heartbeat
from inspector.core.jobs import State
from inspector.registry.models import ModelVersion
from inspector.registry.promote import promote
from inspector.registry.register import register
from inspector.registry.selectors import active_version
from inspector.training.models import TrainingRun
from inspector.training.selectors import runs
from inspector.training.watch import Watch

logger = logging.getLogger(__name__)


class ClaimLost(Exception):
    """The lease ran out and the run is somebody else's now; what was learned here is dropped."""


def never() -> bool:
    return False


def train(
    run_id: int,
    *,
    on_progress: detection.types.OnProgress | None = None,
    shutting_down: Callable[[], bool] = never,
) -> TrainingRun | None:
    """Train a waiting run to its end and return it; None when it was not there to take."""
    claim = jobs.claim(TrainingRun.objects.filter(pk=run_id), 1)
    if not claim.ids:
        return None
    run = runs().select_related("snapshot").get(pk=run_id)
    watch = Watch(run, claim.token, on_progress=on_progress, shutting_down=shutting_down)
    try:
        _train(run, claim.token, watch)
    except ClaimLost:
        logger.warning("%s: the lease ran out; another worker has it", watch.name)
    except detection.Cancelled:
        _stopped(claim.token, watch)
    except (detection.DetectionError, Refused) as error:
        details = getattr(error, "details", "")
        _failed(run, claim.token, error.code, watch.in_words(str(error)), details)
    except Exception as error:
        _crashed(run, claim.token, error)
    except BaseException:
        # This process is told to end at once: the run is not to wait for its lease.
        _give_back(claim.token)
        raise
    return runs().get(pk=run_id)


def _train(run: TrainingRun, token: uuid.UUID, watch: Watch) -> None:
    watch.go_on()
    options = for_method(run.method, device=settings.DEVICE, **run.options)
    # Never a folder that was there before: a run that is tried again starts afresh.
    run_dir = settings.RUNS_DIR / run.category.slug / f"run-{run.pk}-{token.hex[:6]}"
    with _dataset(run, watch) as dataset:
        result = detection.train(
            dataset, run_dir, options, on_progress=watch.on_progress, should_stop=watch.should_stop
        )
    watch.go_on()
    # `auto` trains another method than the one asked for, or two of them.
    method = str(result.config.get("method") or run.method)
    # Packing and uploading tell no progress, and may take longer than a lease.
    with Heartbeat(TrainingRun) as heartbeat:
        heartbeat.tokens.add(token)
        version = register(
            run.category, run_dir, method, result, then=lambda version: _finish(run, token, version, watch)
        )
    auroc = "unknown" if version.image_auroc is None else f"{version.image_auroc:.3f}"
    logger.info("%s: done, %s, image AUROC %s", watch.name, version, auroc)


def _finish(run: TrainingRun, token: uuid.UUID, version: ModelVersion, watch: Watch) -> None:
    """With the version's row, in one transaction: all or nothing."""
    if not jobs.finish(TrainingRun, run.pk, token, version=version, progress=watch.progress):
        raise ClaimLost
    record(run.requested_by, "train", version, run=run.pk, version=version.pk)
    if run.promote_when_done and active_version(run.category) is None:
        promote(version, by=run.requested_by)


@contextmanager
def _dataset(run: TrainingRun, watch: Watch) -> Iterator[detection.Dataset]:
    """The snapshot's files, each one checked to be what it was when the snapshot was made."""
    train: list[Path] = []
    test: list[detection.LabelledImage] = []
    names: dict[Path, str] = {}
    with tempfile.TemporaryDirectory(prefix="inspector-train-") as kept:
        folder = Path(kept)
        for item in run.snapshot.items:
            watch.go_on()
            path = _checked(folder, item)
            if item["split"] == Split.TRAIN:
                train.append(path)
                names[path] = item["filename"]  # what is told of a photo is told to people
            else:
                mask = _fetched(folder, item, item["mask"]) if item["mask"] else None
                test.append(detection.LabelledImage(path, item["label"], mask))
        yield detection.Dataset(run.category.slug, tuple(train), tuple(test), names)


def _checked(folder: Path, item: dict[str, Any]) -> Path:
    path = _fetched(folder, item, item["image"])
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != item["sha256"]:
            raise _missing(item, "has changed since it was imported")
    return path


def _fetched(folder: Path, item: dict[str, Any], name: str) -> Path:
    path = files.fetch(name, folder)
    if not path.exists():
        raise _missing(item, "is missing from storage")
    return path


def _missing(item: dict[str, Any], what: str) -> Refused:
    return Refused(
        "sample_missing",
        f"The sample {item['split']}/{item['label']}/{item['filename']} {what}. "
        "Remove it and import it again, then retrain.",
    )


def _stopped(token: uuid.UUID, watch: Watch) -> None:
    if watch.lost:
        logger.warning("%s: the lease ran out; another worker has it", watch.name)
    elif watch.leaving:
        _give_back(token)
        logger.info("%s: given back, this worker is shutting down", watch.name)
    else:
        jobs.finish(TrainingRun, watch.run.pk, token, state=State.CANCELLED, progress=watch.progress)
        logger.info("%s: cancelled", watch.name)


def _give_back(token: uuid.UUID) -> None:
    # Not the run's fault: this try does not count.
    TrainingRun.objects.filter(claim=token).update(attempts=F("attempts") - 1)
    jobs.give_back(TrainingRun, token)


def _failed(run: TrainingRun, token: uuid.UUID, code: str, message: str, details: str = "") -> None:
    logger.warning("%s run %s: failed (%s): %s %s", run.category.slug, run.pk, code, message, details)
    values = {"error_code": code, "error_message": message, "error_details": details}
    jobs.finish(TrainingRun, run.pk, token, state=State.FAILED, **values)


def _crashed(run: TrainingRun, token: uuid.UUID, error: Exception) -> None:
    log_id = uuid.uuid4().hex[:8]
    logger.exception("%s run %s: failed [%s]", run.category.slug, run.pk, log_id)
    fault = fault_of(error)
    message = (
        fault.message if fault else "The training failed because of a fault in the program or the machine."
    )
    message += (
        " Press Retry; if it happens again, tell the server's administrator: the worker's log has the "
        f"details beside {log_id}."
    )
    _failed(run, token, fault.code if fault else "training_failed", message, raw(error))
