"""Detect defects, learning from good photos only. The public interface; usable without the web application.

    from detection import datasets, train, load
    result = train(datasets.scan("data/bottle"), "runs/bottle/first")
    prediction = load("runs/bottle/first").predict("photo.jpg")

Names that need torch are imported on first use: a process that only reads image headers (the web
process) never loads it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from detection.errors import (
    BadArtifact,
    BadDataset,
    BadOptions,
    Cancelled,
    CannotWrite,
    DetectionError,
    UnreadableImage,
    UnreadablePhotos,
    WeightsMissing,
)
from detection.results import Evaluation
from detection.types import (
    Dataset,
    LabelledImage,
    MapScale,
    Prediction,
    Progress,
    Stability,
    Threshold,
    TrainOptions,
)

if TYPE_CHECKING:
    from detection.cascade import make_cascade
    from detection.judging.cascade import Cascade, load_cascade
    from detection.judging.detector import Detector, load
    from detection.judging.evaluation import evaluate
    from detection.judging.stability import examine
    from detection.runs.family import join, train_family
    from detection.runs.training import TrainResult, train

_LAZY = {
    "train": "detection.runs.training",
    "train_family": "detection.runs.family",
    "join": "detection.runs.family",
    "TrainResult": "detection.runs.training",
    "evaluate": "detection.judging.evaluation",
    "load": "detection.judging.detector",
    "load_cascade": "detection.judging.cascade",
    "Cascade": "detection.judging.cascade",
    "make_cascade": "detection.cascade",
    "examine": "detection.judging.stability",
    "Detector": "detection.judging.detector",
}

__all__ = [
    "BadArtifact",
    "BadDataset",
    "BadOptions",
    "Cancelled",
    "CannotWrite",
    "Cascade",
    "Dataset",
    "DetectionError",
    "Detector",
    "Evaluation",
    "LabelledImage",
    "MapScale",
    "Prediction",
    "Progress",
    "Stability",
    "Threshold",
    "TrainOptions",
    "TrainResult",
    "UnreadableImage",
    "UnreadablePhotos",
    "WeightsMissing",
    "evaluate",
    "examine",
    "join",
    "load",
    "load_cascade",
    "make_cascade",
    "train",
    "train_family",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'detection' has no attribute {name!r}")
