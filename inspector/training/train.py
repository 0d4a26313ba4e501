"""Doing a training: fetch the samples, learn, register. `core.work` does everything that all jobs share."""

import hashlib
import logging
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

import detection
from detection.files.run_names import EXPORTS
from detection.options import for_method
from inspector.core import clock, files
from inspector.core.aside import folder_aside
from inspector.core.attempt import Attempt, patiently
from inspector.core.errors import Refused
from inspector.core.events import record
from inspector.core.jobs import State
from inspector.registry.detectors import unpacked
from inspector.registry.models import ModelVersion
from inspector.registry.promote import objections_to, promote
from inspector.registry.register import Trained, register_all
from inspector.registry.selectors import active_version
from inspector.samples.models import Split
from inspector.training.draft import add_draft
from inspector.training.events import TrainingEvent
from inspector.training.family import in_step, with_family
from inspector.training.models import TrainingRun
from inspector.training.progress import ProgressLog

logger = logging.getLogger(__name__)


def train(attempt: Attempt[TrainingRun]) -> None:
    """Train a run on its snapshot and register what it learned as a candidate version; of a family, all runs
    together."""
    in_step()
    runs = list(with_family(attempt.job).select_related("category", "snapshot", "joins__category"))
    with _run_dirs(attempt, runs) as folders:
        _train(attempt, runs, folders)


def _train(attempt: Attempt[TrainingRun], runs: list[TrainingRun], folders: list[Path]) -> None:
    log = ProgressLog(attempt, drafts=sum(run.fast for run in runs))
    with ExitStack() as kept:
        datasets = {
            folder: kept.enter_context(_dataset(attempt, run))
            for folder, run in zip(folders, runs, strict=True)
        }
        kept.enter_context(_names_as_imported(runs))
        results = _learn(attempt, log, datasets)
        for run, dataset, result in zip(runs, datasets.values(), results, strict=True):
            if run.fast:
                add_draft(attempt, log, dataset, result)
    attempt.go_on()
    # `auto` trains another method than the one asked for, or two of them.
    trained = [
        Trained(run.category, folder, str(result.config.get("method") or run.method), result)
        for run, folder, result in zip(runs, folders, results, strict=True)
    ]
    # Packing and uploading report no progress, and may take longer than a lease.
    with attempt.held():
        versions = patiently(
            lambda: register_all(trained, then=lambda versions: _finish(attempt, runs, versions))
        )
    for run, version in zip(runs, versions, strict=True):
        auroc = "unknown" if version.image_auroc is None else f"{version.image_auroc:.3f}"
        logger.info("%s: done, %s, image AUROC %s", run, version, auroc)


@contextmanager
def _run_dirs(attempt: Attempt[TrainingRun], runs: Sequence[TrainingRun]) -> Iterator[list[Path]]:
    """Folders that do not exist yet: each attempt starts from scratch. They are removed if it ends without
    versions, or by the next attempt if its worker was killed."""
    # Hidden ones are being written: of a worker that was killed at that moment.
    _remove(f"{run.category.slug}/{hidden}run-{run.pk}-*" for run in runs for hidden in ("", "."))
    names = [f"{run.category.slug}/run-{run.pk}-{attempt.token.hex[:6]}" for run in runs]
    try:
        yield [settings.RUNS_DIR / name for name in names]
    except BaseException:
        _remove(names)
        raise


def _remove(names: Iterable[str]) -> None:
    """Run folders that match the names, and their networks as exported for other runtimes."""
    for name in names:
        for root in (settings.RUNS_DIR, settings.RUNS_DIR / EXPORTS):
            for folder in root.glob(name):
                shutil.rmtree(folder, ignore_errors=True)


def _learn(
    attempt: Attempt[TrainingRun], log: ProgressLog, datasets: dict[Path, detection.Dataset]
) -> "list[detection.TrainResult]":
    """Train one model for all; or, where the run joins a version, learn only what is the category's own."""
    run = attempt.job
    with attempt.held():  # loads PyTorch: on a busy machine that may take longer than a lease
        train, train_family, join = detection.train, detection.train_family, detection.join
        network = _network(run)
    folder, dataset = next(iter(datasets.items()))
    on_progress, should_stop = log.on_progress, attempt.should_stop
    if network:
        device = settings.DEVICE
        result = join(
            dataset, folder, network, device=device, on_progress=on_progress, should_stop=should_stop
        )
        return [result]
    options = for_method(run.method, device=settings.DEVICE, **run.options)
    if len(datasets) > 1:
        return train_family(datasets, options, on_progress=on_progress, should_stop=should_stop)
    return [train(dataset, folder, options, on_progress=on_progress, should_stop=should_stop)]


def _network(run: TrainingRun) -> Path | None:
    """The run folder of the version that it joins; None where it is trained by itself."""
    if run.joins_name and run.joins is None:
        raise Refused(
            "network_gone",
            f"{run.joins_name}, which {run.category} was to join, has been deleted. Join another version, or "
            "train the category by itself.",
        )
    return unpacked(run.joins) if run.joins else None


def _finish(attempt: Attempt[TrainingRun], runs: list[TrainingRun], versions: list[ModelVersion]) -> None:
    """With the versions' rows, in one transaction: all or nothing."""
    attempt.finish(version=versions[0])
    for run, version in zip(runs[1:], versions[1:], strict=True):
        ended = {
            "state": State.DONE,
            "progress": attempt.progress,
            "finished": clock.now(),
            "version": version,
        }
        TrainingRun.objects.filter(pk=run.pk).update(**ended)
    for run, version in zip(runs, versions, strict=True):
        record(run.requested_by, TrainingEvent.VERSION_TRAINED, version, run=run.pk)
    run, version = attempt.job, versions[0]
    if run.promote_when_done and active_version(run.category) is None and not objections_to(version, None):
        promote(version, by=run.requested_by, just_stored=True)


@contextmanager
def _names_as_imported(runs: Sequence[TrainingRun]) -> Iterator[None]:
    """A refusal names stored files as they were when imported; those of a family, with their category."""
    try:
        yield
    except (detection.UnreadableImage, detection.UnreadablePhotos) as error:
        # Categories may have the same photo: of these, by the folder that each has in storage.
        names = {
            tuple(item["image"].split("/")[-2:]): _name(run, item, of_several=len(runs) > 1)
            for run in runs
            for item in run.snapshot.items
        }
        error.args = (error.describe(lambda path: names.get(path.parts[-2:], path.name)),)
        raise


def _name(run: TrainingRun, item: dict[str, Any], *, of_several: bool) -> str:
    return f"{run.category}: " * of_several + f"{item['label']}/{item['filename']}"


@contextmanager
def _dataset(attempt: Attempt[TrainingRun], run: TrainingRun) -> Iterator[detection.Dataset]:
    """The snapshot's files, each one checked to be what it was when the snapshot was made."""
    train: list[Path] = []
    test: list[detection.LabelledImage] = []
    names: dict[Path, str] = {}
    with folder_aside() as folder:
        for item in run.snapshot.items:
            attempt.go_on()
            path = _checked(run, folder, item)
            if item["split"] == Split.TRAIN:
                train.append(path)
                names[path] = item["filename"]  # people know a photo by this name
            else:
                mask = _fetched(run, folder, item, item["mask"]) if item["mask"] else None
                test.append(detection.LabelledImage(path, item["label"], mask))
        yield detection.Dataset(run.category.slug, tuple(train), tuple(test), names)


def _checked(run: TrainingRun, folder: Path, item: dict[str, Any]) -> Path:
    path = _fetched(run, folder, item, item["image"])
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != item["sha256"]:
            raise _missing(run, item, "has changed since it was imported")
    return path


def _fetched(run: TrainingRun, folder: Path, item: dict[str, Any], name: str) -> Path:
    path = files.fetch(name, folder)
    if not path.exists():
        raise _missing(run, item, "is missing from storage")
    return path


def _missing(run: TrainingRun, item: dict[str, Any], what: str) -> Refused:
    return Refused(
        "sample_missing",
        f"The sample {item['split']}/{item['label']}/{item['filename']} of {run.category} {what}. "
        "Remove it and import it again, then retrain.",
    )
