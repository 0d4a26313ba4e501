"""The values that cross this package's door. All frozen; none of them needs torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Verdict = Literal["OK", "ANOMALY"]
GOOD = "good"


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """A test image: `label` is "good" or the kind of defect; `mask` marks the defect where there is one."""

    path: Path
    label: str
    mask: Path | None = None

    @property
    def is_defect(self) -> bool:
        return self.label != GOOD


@dataclass(frozen=True, slots=True)
class Dataset:
    """The images of one category: good ones to learn from, labelled ones to calibrate and judge on."""

    category: str
    train: tuple[Path, ...]
    test: tuple[LabelledImage, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """Everything a training can be told. Checked by the method; BadOptions names what is out of range.

    size: side of the square the images are resized to, px, a multiple of 16, 32..1024.
    epochs: passes over the training images at most. minutes: stop training after so many, 0 = no limit.
    held_back: share of the good training images kept from training, to stop early and to set the
    threshold on where there are no defects. percentile: of held-back good scores, for that threshold.
    width: channels of the first level. device: "auto", "cpu" or "cuda".
    """

    method: str = "unet"
    size: int = 256
    epochs: int = 60
    minutes: float = 0.0
    batch_size: int = 8
    learning_rate: float = 1e-4
    width: int = 32
    seed: int = 0
    validate_every: int = 2
    patience: int = 5
    held_back: float = 0.15
    percentile: float = 99.0
    device: str = "auto"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training is: `done` of `total` within `phase`; `fraction` is of the whole, 0..1."""

    phase: Literal["reading", "training", "calibrating", "writing"]
    done: int
    total: int
    fraction: float
    epoch: int | None = None
    epochs: int | None = None
    train_loss: float | None = None
    validation_loss: float | None = None
    seconds_left: float | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


OnProgress = Callable[[Progress], None]
ShouldStop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class MapScale:
    """The fixed colour scale of a model's heatmaps, in the units of its anomaly maps (squared error).

    Transparent at and below `low`, the threshold, fullest at and above `high`, four times the threshold;
    chosen once, when the model is made.
    """

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Threshold:
    """Scores at or above `value` are ANOMALY.

    policy: "f1" (maximises F1 on labelled images), "percentile" (of held-back good images) or
    "training" (too few images to hold any back). chosen_on says it in a sentence for people.
    """

    value: float
    policy: Literal["f1", "percentile", "training"]
    chosen_on: str
    n_good: int
    n_defect: int


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What a detector says of one image.

    anomaly_map: float32 [H, W] at the model's size, higher is worse, same units as score.
    reconstruction: uint8 [H, W, 3] at the model's size, None for methods that make none.
    """

    score: float
    threshold: float
    anomaly_map: NDArray[np.float32]
    reconstruction: NDArray[np.uint8] | None = None

    @property
    def verdict(self) -> Verdict:
        return "ANOMALY" if self.score >= self.threshold else "OK"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The metrics of a model on labelled images. None where a metric is undefined (a class is absent).

    judged_by says in a sentence how the decisions behind f1, precision, recall and confusion were
    made, in particular that no image was judged by a threshold it helped to choose.
    by_defect: {kind: {"n", "image_auroc", "recall", "flagged"}}; confusion: {"tp", "fp", "tn", "fn"};
    roc: {"fpr": [...], "tpr": [...], "thresholds": [...]}.
    """

    category: str
    method: str
    image_auroc: float | None
    f1: float | None
    precision: float | None
    recall: float | None
    threshold: float
    threshold_policy: str
    judged_by: str
    n_good: int
    n_defect: int
    confusion: dict[str, int]
    by_defect: dict[str, dict[str, Any]]
    ms_per_image: float
    roc: dict[str, list[float]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
