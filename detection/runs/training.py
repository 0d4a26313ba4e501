"""From a data set to a run folder."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from detection import datasets, selection
from detection import options as option_ranges
from detection.files import artifact
from detection.judging.assessment import assess, doubts
from detection.judging.calibration import Calibration, calibrate
from detection.judging.detector import Detector
from detection.judging.evaluation import milliseconds
from detection.learning import device as devices
from detection.learning.outcome import Epoch
from detection.learning.progress import Watch
from detection.methods.base import Learner, Taught
from detection.methods.setting import Geometry, Sizes
from detection.networks import weights
from detection.normality import turns
from detection.options.catalogue import AUTO
from detection.photos.image_cache import CACHE_BYTES
from detection.recognition import learn as recognition
from detection.results import Evaluation
from detection.runs import material, record, reference
from detection.runs.material import Material
from detection.selection.contest import Chosen
from detection.types import Dataset, MapScale, OnProgress, ShouldStop, Threshold, TrainOptions
from detection.verdicts.thresholds import GoodScores

_LIBRARIES = ("torch", "torchvision", "numpy", "pillow", "scikit-learn")


Create = Callable[[TrainOptions, torch.device, Geometry, Sizes], Learner]


@dataclass(frozen=True, slots=True)
class TrainResult:
    """The result of a training. evaluation is None only if there were no test images."""

    run_dir: Path
    threshold: Threshold
    map_scale: MapScale
    evaluation: Evaluation | None
    config: dict[str, Any]


@devices.repeatable()
def train(
    dataset: Dataset,
    run_dir: Path | str,
    options: TrainOptions | None = None,
    *,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
    sizes: Sizes | None = None,
) -> TrainResult:
    """Learn a category and write the run folder, completely or not at all.

    options: by default those of `auto`; `options.for_method` gives any method's own. sizes: of banks and
    examples, for tests and measurements. Raises BadOptions; WeightsMissing, before any photo is read;
    BadDataset without training images, or naming the photos that cannot be read; CannotWrite if the disk
    accepts no more; Cancelled when `should_stop` returns True, which is called at least once per batch.
    """
    folder, options = Path(run_dir), options or option_ranges.for_method(AUTO)
    option_ranges.check(options)
    artifact.check_free(folder)
    weights.check(options)
    watch = Watch(on_progress, should_stop, minutes=options.minutes)
    learner, images = prepared(dataset, options, sizes or Sizes(), watch)
    share = reference.share(learner, images)
    taught = learner.fit(images.learned, images.held_back, watch.part(0, share) if share < 1 else watch)
    return finish(dataset, taught, images, watch, share).save(folder, watch)


@dataclass(frozen=True, slots=True)
class Finished:
    """A model with its limits and numbers, ready to be written."""

    detector: Detector
    history: Sequence[Epoch]
    calibration: Calibration
    evaluation: Evaluation | None
    paths: Sequence[Path]

    def write(self, folder: Path, watch: Watch) -> None:
        """All files of a run."""
        made = (self.history, self.calibration, self.evaluation)
        config = self.detector.config
        config["warnings"] += record.draw(folder / "plots", self.detector, *made, self.paths, watch.check)
        record.write(folder, self.detector, self.detector.model.pack(), *made)

    def save(self, folder: Path, watch: Watch) -> TrainResult:
        """Write the run folder, and be done."""
        watch.tell("writing", 0, 1)
        with artifact.writing(folder) as aside:
            self.write(aside, watch)
            watch.check()
        # From here on the run exists and cannot be cancelled.
        watch.finish()
        return self.result(folder)

    def result(self, folder: Path) -> TrainResult:
        chosen = self.calibration
        return TrainResult(folder, chosen.threshold, chosen.map_scale, self.evaluation, self.detector.config)


def finish(
    dataset: Dataset, taught: Taught, images: Material, watch: Watch, share: float = 1.0, **about: Any
) -> Finished:
    """Choose the limits by good scores and judge the test photos. share: of the fit in the training; the
    other fits for good scores follow. about: more for config.json."""
    model = taught.model
    good, calibration = _calibrate(taught, images, watch, share)
    config = _config(dataset, taught, images, watch) | about
    config["odd"] = reference.odd(good, images, dataset)
    config["odd_warning"] = reference.odd_warning(config["odd"], len(good.values))
    images = replace(images, warnings=tuple(filter(None, (*images.warnings, config["odd_warning"]))))
    config["warnings"] = [*images.warnings, *doubts(calibration.threshold)]
    if isinstance(taught, Chosen):
        config["ranking"] = taught.ranking.as_dict()
    paths = [*images.learned.paths, *images.held_back.paths]
    detector = Detector(
        model,
        category=dataset.category,
        threshold=calibration.threshold,
        map_scale=calibration.map_scale,
        config=config,
        dataset={**images.hashes, "calibration": record.helped(calibration)},
        part=recognition.learn(paths, model.geometry.levels, watch.check, model.options.seed),
    )
    evaluation = _evaluate(detector, images, calibration)
    return Finished(detector, taught.how.history, calibration, evaluation, images.test.paths)


def prepared(
    dataset: Dataset,
    options: TrainOptions,
    sizes: Sizes,
    watch: Watch,
    create: Create | None = None,
    cache_bytes: int = CACHE_BYTES,
) -> tuple[Learner, Material]:
    """The learner, which knows where and at which angles parts lie on the photos; and the photos, prepared
    for it."""
    device, create = devices.choose(options.device), create or selection.create
    learner = create(options, device, Geometry(), sizes)
    levels = material.levels(dataset, watch)
    looks = learner.crops and options.crop == "auto"
    geometry = Geometry(material.region(dataset, options, watch, levels) if looks else None, levels=levels)
    learner = create(options, device, geometry, sizes)
    images = material.read(dataset, learner, watch, cache_bytes=cache_bytes)
    if learner.turns_photos and options.augment == "auto":
        supported_turns = turns.find(images.learned, options.seed, device, watch, most=sizes.turned)
        learner = create(options, device, replace(geometry, turns=supported_turns), sizes)
    return learner, images


def _calibrate(
    taught: Taught, images: Material, watch: Watch, share: float
) -> tuple[GoodScores, Calibration]:
    total, done = len(images.held_back or images.learned) + len(images.test), 0

    def on_batch(count: int) -> None:
        nonlocal done
        done += count
        watch.tell("calibrating", done, total)

    rest = watch.part(share, 1) if share < 1 else watch.silent()
    good = reference.good_scores(taught, images, rest, on_batch)
    return good, calibrate(taught.model, good, images.test, images.photos, on_batch)


def _evaluate(detector: Detector, images: Material, calibration: Calibration) -> Evaluation | None:
    if not calibration.scored:
        return None
    return assess(
        calibration.scored,
        category=detector.category,
        method=detector.method,
        threshold=calibration.threshold,
        options=TrainOptions(**detector.config["options"]),
        pixels=calibration.pixels,
        ms_per_image=milliseconds(detector, images.test.paths),
        warnings=images.warnings,
    )


def _config(dataset: Dataset, taught: Taught, images: Material, watch: Watch) -> dict[str, Any]:
    held = {"learned": len(images.learned), "held_back": len(images.held_back)}
    libraries = {library: version(library) for library in _LIBRARIES}
    model = taught.model
    return {
        "category": dataset.category,
        "method": model.name,
        "options": asdict(model.options),
        "images": {**datasets.counts(dataset), **held},
        **model.geometry.as_dict(),
        "photos": images.usual,
        "learning": taught.how.summary,
        "seconds": round(watch.seconds, 1),
        "device": devices.describe(model.device),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version(), **libraries},
        "notes": [str(note) for note in dataset.notes],
    }
