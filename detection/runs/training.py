"""From a dataset to a run folder."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from detection import datasets
from detection.files import artifact
from detection.runs import material, record, reference
from detection.normality import turns
from detection.networks import weights
from detection.learning import device as devices
from detection import options as option_ranges
from detection.judging.assessment import assess, doubts
from detection.judging.calibration import Calibration, calibrate
from detection.options.catalogue import AUTO, needs_weights
from detection.judging.detector import Detector
from detection.judging.evaluation import milliseconds
from detection.runs.material import Material
from detection.methods import registry
from detection.learning.outcome import Fitted
from detection.methods.base import Method
from detection.learning.progress import Watch
from detection.verdicts.thresholds import GoodScores
from detection.results import Evaluation
from detection.types import Dataset, MapScale, OnProgress, ShouldStop, Threshold, TrainOptions

_LIBRARIES = ("torch", "torchvision", "numpy", "pillow", "scikit-learn")


@dataclass(frozen=True, slots=True)
class TrainResult:
    """What a training made. evaluation is None only where there were no test images."""

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
) -> TrainResult:
    """Learn a category and write the run folder, complete or not at all.

    options: those of `auto` where there are none; `options.for_method` gives any method's own.
    Raises BadOptions; WeightsMissing, before any photo is read; BadDataset without training images, or
    naming the photos that cannot be read; CannotWrite where the disk takes no more;
    Cancelled when `should_stop` says so, which is asked at least once a batch.
    """
    folder, options = Path(run_dir), options or option_ranges.for_method(AUTO)
    option_ranges.check(options)
    artifact.check_free(folder)
    watch = Watch(on_progress, should_stop, minutes=options.minutes)
    method = registry.create(options, devices.choose(options.device))
    if needs_weights(options.method):
        weights.find(options.backbone, options.weights)  # before minutes are spent on reading photos
    levels = material.levels(dataset, watch)
    method.with_geometry(None, turns.NONE, levels)
    if method.crops and options.crop == "auto":
        method.with_geometry(material.region(dataset, options, watch, levels), turns.NONE, levels)
    images = material.read(dataset, method, watch)
    if method.turns_photos and options.augment == "auto":
        found = turns.find(images.learned, options.seed, method.device, watch)
        method.with_geometry(method.region, found, levels)
    share = reference.share(method, images)
    fitted = method.fit(images.learned, images.held_back, watch.part(0, share) if share < 1 else watch)
    method = method.settled()
    good, calibration = _calibrate(method, images, watch, share)
    config = _config(dataset, method, images, fitted, watch)
    config["odd"] = reference.odd(good, images, dataset)
    config["odd_warning"] = reference.told(config["odd"], len(good.values))
    images = replace(images, warnings=tuple(filter(None, (*images.warnings, config["odd_warning"]))))
    config["warnings"] = [*images.warnings, *doubts(calibration.threshold)]
    if fitted.ranking:
        config["ranking"] = fitted.ranking
    detector = Detector(
        method,
        category=dataset.category,
        threshold=calibration.threshold,
        map_scale=calibration.map_scale,
        config=config,
        dataset={**images.hashes, "calibration": record.helped(calibration)},
    )
    evaluation = _evaluate(detector, images, calibration)
    watch.tell("writing", 0, 1)
    with artifact.writing(folder) as aside:
        config["warnings"] += record.draw(
            aside / "plots", detector, fitted.history, calibration, evaluation, images.test.paths, watch.check
        )
        record.write(aside, detector, method.tensors(), fitted.history, calibration, evaluation)
        watch.check()
    # From here the run is there for good, and nobody can cancel it any more.
    watch.told_all()
    return TrainResult(folder, calibration.threshold, calibration.map_scale, evaluation, config)


def _calibrate(
    method: Method, images: Material, watch: Watch, share: float
) -> tuple[GoodScores, Calibration]:
    total, done = len(images.held_back or images.learned) + len(images.test), 0

    def on_batch(count: int) -> None:
        nonlocal done
        done += count
        watch.tell("calibrating", done, total)

    rest = watch.part(share, 1) if share < 1 else watch.silent()
    good = reference.good_scores(method, images, rest, on_batch)
    return good, calibrate(method, good, images.test, images.photos, on_batch)


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


def _config(
    dataset: Dataset, method: Method, images: Material, fitted: Fitted, watch: Watch
) -> dict[str, Any]:
    held = {"learned": len(images.learned), "held_back": len(images.held_back)}
    libraries = {library: version(library) for library in _LIBRARIES}
    return {
        "category": dataset.category,
        "method": method.name,
        "options": asdict(method.options),
        "images": {**datasets.counts(dataset), **held},
        "region": method.region.as_dict() if method.region else None,
        "photos": images.usual,
        "turns": method.turns.as_dict(),
        "levels": method.levels.as_dict(),
        "learning": fitted.summary,
        "seconds": round(watch.seconds, 1),
        "device": devices.describe(method.device),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version(), **libraries},
        "notes": [str(note) for note in dataset.notes],
    }
