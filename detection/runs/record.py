"""The files of a training's run folder."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from torch import Tensor

from detection.errors import Cancelled, CannotWrite
from detection.files import artifact
from detection.judging.calibration import Calibration
from detection.judging.detector import Detector
from detection.learning.outcome import Epoch
from detection.results import Evaluation
from detection.runs import examples, plots

log = logging.getLogger(__name__)

_SCORES = ("image", "label", "score", "threshold", "prediction", "fold", "sha256")


def write(
    folder: Path,
    detector: Detector,
    tensors: dict[str, Tensor],
    history: Sequence[Epoch],
    calibration: Calibration,
    evaluation: Evaluation | None,
) -> None:
    """All files except the pictures."""
    chosen = {"threshold": asdict(detector.threshold), "map_scale": asdict(detector.map_scale)}
    artifact.write_weights(folder, tensors)
    if detector.part:
        artifact.write_part(folder, detector.part.pack())
    artifact.write_json(folder, "config.json", detector.config)
    artifact.write_json(folder, "threshold.json", chosen)
    artifact.write_json(folder, "dataset.json", detector.dataset)
    artifact.write_json(folder, "metrics.json", evaluation.as_dict() if evaluation else None)
    names = [field.name for field in fields(Epoch)]
    artifact.write_csv(folder, "history.csv", names, [list(asdict(epoch).values()) for epoch in history])
    artifact.write_csv(folder, "scores.csv", _SCORES, _score_rows(calibration))


def draw(
    folder: Path,
    detector: Detector,
    history: Sequence[Epoch],
    calibration: Calibration,
    evaluation: Evaluation | None,
    examples_of: Sequence[Path],
    check: Callable[[], None],
) -> list[str]:
    """The pictures; returns warnings about those that could not be made, which must not lose a finished
    training."""
    failed = plots.write(folder, history, calibration, evaluation) or []
    try:
        examples.write(folder, detector, examples_of, calibration.scored, check)
    except (CannotWrite, Cancelled):
        raise
    except Exception:
        log.exception("the example photos could not be drawn and are left out")
        failed.append("examples")
    return [f"Pictures that could not be drawn were left out: {', '.join(failed)}."] if failed else []


def helped(calibration: Calibration) -> list[dict[str, Any]]:
    """The images that helped to choose the threshold, each with the limits chosen without it."""
    return [
        {
            "sha256": one.photo.sha256,
            "label": one.photo.label,
            "fold": one.fold,
            "threshold": one.threshold,
            "review_from": one.review_from,
        }
        for one in calibration.scored
        if one.fold is not None
    ]


def _score_rows(calibration: Calibration) -> list[tuple[Any, ...]]:
    return [
        (
            one.photo.name,
            one.photo.label,
            one.score,
            one.threshold,
            one.verdict,
            one.fold,
            one.photo.sha256,
        )
        for one in calibration.scored
    ]
