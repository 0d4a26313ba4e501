"""Doing a training: fetch the samples, learn, register. `core.work` does all that is the same for any job."""

import hashlib
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

import detection
from detection.options import for_method
from inspector.core import files
from inspector.core.attempt import Attempt, patiently
from inspector.core.errors import Refused
from inspector.core.events import record
from inspector.registry.models import ModelVersion
from inspector.registry.promote import objections_to, promote
from inspector.registry.register import register
from inspector.registry.selectors import active_version
from inspector.samples.models import Split
from inspector.training.events import TrainingEvent
from inspector.training.models import TrainingRun
from inspector.training.progress import ProgressLog

logger = logging.getLogger(__name__)


def train(attempt: Attempt[TrainingRun]) -> None:
    """Train a run on its snapshot and register what it learned as a candidate version."""
    run = attempt.job
    options = for_method(run.method, device=settings.DEVICE, **run.options)
    # Never a folder that was there before: a run that is tried again starts afresh.
    run_dir = settings.RUNS_DIR / run.category.slug / f"run-{run.pk}-{attempt.token.hex[:6]}"
    with _dataset(attempt) as dataset, _names_as_imported(run):
        log = ProgressLog(attempt)
        with attempt.held():
            learn = detection.train  # loads PyTorch: on a busy machine that may take longer than a lease
        result = learn(
            dataset, run_dir, options, on_progress=log.on_progress, should_stop=attempt.should_stop
        )
    attempt.go_on()
    # Packing and uploading report no progress, and may take longer than a lease.
    with attempt.held():
        version = patiently(lambda: _register(attempt, run_dir, result))
    auroc = "unknown" if version.image_auroc is None else f"{version.image_auroc:.3f}"
    logger.info("%s: done, %s, image AUROC %s", run, version, auroc)


def _register(attempt: Attempt[TrainingRun], run_dir: Path, result: "detection.TrainResult") -> ModelVersion:
    # `auto` trains another method than the one asked for, or two of them.
    method = str(result.config.get("method") or attempt.job.method)
    return register(
        attempt.job.category, run_dir, method, result, then=lambda version: _finish(attempt, version)
    )


def _finish(attempt: Attempt[TrainingRun], version: ModelVersion) -> None:
    """With the version's row, in one transaction: all or nothing."""
    run = attempt.job
    attempt.finish(version=version)
    record(run.requested_by, TrainingEvent.VERSION_TRAINED, version, run=run.pk)
    if run.promote_when_done and active_version(run.category) is None and not objections_to(version, None):
        promote(version, by=run.requested_by)


@contextmanager
def _names_as_imported(run: TrainingRun) -> Iterator[None]:
    """A refusal names stored files as they were named when they were imported."""
    try:
        yield
    except (detection.UnreadableImage, detection.UnreadablePhotos) as error:
        names = {
            item["image"].rsplit("/", 1)[-1]: f"{item['label']}/{item['filename']}"
            for item in run.snapshot.items
        }
        error.args = (error.describe(lambda path: names.get(path.name, path.name)),)
        raise


@contextmanager
def _dataset(attempt: Attempt[TrainingRun]) -> Iterator[detection.Dataset]:
    """The snapshot's files, each one checked to be what it was when the snapshot was made."""
    run = attempt.job
    train: list[Path] = []
    test: list[detection.LabelledImage] = []
    names: dict[Path, str] = {}
    with tempfile.TemporaryDirectory(prefix="inspector-train-") as kept:
        folder = Path(kept)
        for item in run.snapshot.items:
            attempt.go_on()
            path = _checked(folder, item)
            if item["split"] == Split.TRAIN:
                train.append(path)
                names[path] = item["filename"]  # people know a photo by this name
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
