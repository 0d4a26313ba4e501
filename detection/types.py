"""The values of this package's public interface. All are frozen; none needs torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from detection.names import printable

Verdict = Literal["OK", "REVIEW", "ANOMALY"]
# Of a photo that shows another part, or none, no verdict says anything.
NOT_THIS_PART: Final = "NOT_THIS_PART"
Outcome = Literal["OK", "REVIEW", "ANOMALY", "NOT_THIS_PART"]
DecidedBy = Literal["model", "draft"]
Policy = Literal["limits", "f1", "percentile", "conformal", "recall", "manual", "training"]
GOOD = "good"
_NAMED = 3


MaskFiles = Path | tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """A test image. label: "good" or the kind of defect. mask: a file that marks the defect, if there is
    one, or several files of the size of the first that mark it together."""

    path: Path
    label: str
    mask: MaskFiles | None = None

    @property
    def is_defect(self) -> bool:
        return self.label != GOOD


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth knowing about a folder that stops nothing. code: stable, for programs.

    text: a sentence. files: the files concerned, by their path in the folder, each with a remark or "".
    """

    code: str
    text: str
    files: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        """The sentence and the first few files by name."""
        named = [f"{name} ({why})" if why else name for name, why in self.files[:_NAMED]]
        more = f" and {len(self.files) - _NAMED:,} more" if len(self.files) > _NAMED else ""
        return f"{self.text.removesuffix('.')}: {', '.join(named)}{more}." if named else self.text


@dataclass(frozen=True, slots=True)
class Dataset:
    """The images of one category: good ones to learn from, labelled ones to calibrate and test on.

    names: what images are called within their label where that is not their file name, such as
    "line2/000.png". notes: remarks of `datasets.scan` on the folder.
    """

    category: str
    train: tuple[Path, ...]
    test: tuple[LabelledImage, ...] = ()
    names: Mapping[Path, str] = field(default_factory=dict, compare=False)
    notes: tuple[Note, ...] = field(default=(), compare=False)

    def name_of(self, path: Path) -> str:
        return self.names.get(path) or printable(path.name)


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """All options of a training. The method checks them; BadOptions names the one that is out of range.

    The defaults here are those of `unet`, the plain baseline; `options.for_method("auto")` gives those of
    another method. `train` without options takes those of `auto`.

    method: one of detection.methods. size: side of the square that images are resized to, px, a multiple of
    16, 32..2048; methods that keep the aspect ratio use about as many pixels as that square has. epochs:
    maximum passes over the training images. minutes: stop training after this many; 0: no limit. held_back:
    share of the good training images held out, for early stopping and for the threshold; methods on
    patches learn from all of up to 800, and score each by a fit without it, unless it is 0. width: channels
    of the first level. device: "auto", "cpu" or "cuda".

    threshold: "auto" or a policy of `thresholds`. percentile: of good scores, for the policy of that name.
    target: what the other policies aim at, 0 for their default: the share of good parts that may be flagged
    (limits, conformal), the recall, or the threshold itself (manual). review: the share of good parts that
    may lie in or above the REVIEW band, which ends at the threshold; 0: no such band. defect_share: share of
    defective parts, for the policy f1.

    crop: "auto" zooms in on a small part on a plain background (see `region`), "off" uses the whole photo.
    augment: "auto" also learns from turned and mirrored copies where good photos are few and support it (see
    `turns`), "off" never. light: "on" also learns from copies in other light, see
    `methods.patches`. noise_level, ddim_steps, draws: of `diffusion`: how much noise a photo is mixed with
    (0: none, 1: nothing else), the steps in which it is removed, the repairs of a photo. backbone, weights:
    for the methods on pretrained features; weights is a file, "" finds or downloads it.
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
    threshold: str = "auto"
    target: float = 0.0
    review: float = 0.05
    defect_share: float = 0.05
    crop: str = "auto"
    augment: str = "auto"
    light: str = "off"
    noise_level: float = 0.2
    ddim_steps: int = 4
    draws: int = 4
    backbone: str = "resnet18"
    weights: str = ""
    device: str = "auto"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training is: `done` of `total` within `phase`; `fraction` is of the whole training, 0..1."""

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
# Called with how many of how many steps are done; what it raises, such as Cancelled, ends the work.
OnStep = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class MapScale:
    """The fixed colour scale of a model's heatmaps, in the units of its anomaly maps.

    Transparent below `low`, where REVIEW begins (see `calibration.map_scale`), most opaque at and above
    `high`, four times the threshold. Chosen once, when the model is made.
    """

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Threshold:
    """Scores at or above `value` are ANOMALY; those below it, but at or above `review_from`, are REVIEW.

    policy: how it was chosen; "training" is a guess for lack of images (see `thresholds`). chosen_on: the
    same in a sentence for people. target: what the policy aimed at, None where it has no aim. review_from:
    None where there is no REVIEW band. good_scores: scores of held-out good images, in rising
    order, which p-values count. review_by: what sets the REVIEW limit, scores of "good" parts or of labelled
    "defects", "" without such a band.
    """

    value: float
    policy: Policy
    chosen_on: str
    n_good: int
    n_defect: int
    target: float | None = None
    review_from: float | None = None
    good_scores: tuple[float, ...] = ()
    review_by: Literal["", "good", "defects"] = ""


def verdict(score: float, threshold: float, review_from: float | None) -> Verdict:
    """The verdict for a score; the only place that decides it."""
    if score >= threshold:
        return "ANOMALY"
    return "OK" if review_from is None or score < review_from else "REVIEW"


# What is usual for `Prediction.least_stable`, if unstable verdicts are to be REVIEW: 18 of 20.
LEAST_STABLE = 0.9


@dataclass(frozen=True, slots=True)
class Stability:
    """Of `of` slight changes of a photo, `same` leave its verdict as it is."""

    same: int
    of: int

    @property
    def share(self) -> float:
        return self.same / self.of


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What a detector says about one photo.

    anomaly_map: float32 [H, W] at the model's resolution, higher is worse, in the units of the score.
    reconstruction: uint8 [H, W, 3] at the model's resolution, None for methods that make none. review_from:
    where REVIEW begins, None where there is no such band. p_value: the share of good parts, estimated from
    those kept from training, that look at least this unusual; None without any. note: what a person has to
    know about how the photo was read, "" if nothing. away: how far the whole photo is from photos of this
    part, in units of the limit that at most 1 % of good ones reach, None where that was not learned. far:
    the distance beyond which it shows another part (see `recognition`).

    p_interval: the exact 95 % interval of that share, given how few good parts there are (Clopper and Pearson
    1934). stability: None if the photo was not examined (`stability.examine`), or is far from both limits.
    least_stable: an examined photo is REVIEW if less than this share of slight changes leave its verdict as
    it is; 0: never. spread: the standard error of a score that is the mean of several draws; None for methods
    that draw nothing.

    decided_by: "draft" if the quick draft of a cascade said OK (`detection.load_cascade`): score and map are
    then its estimates, not to be compared with others, and there is neither p-value nor stability.
    compared: whether a draft said OK, too, of a photo that was drawn to be judged by both.
    """

    score: float
    threshold: float
    anomaly_map: NDArray[np.float32]
    reconstruction: NDArray[np.uint8] | None = None
    review_from: float | None = None
    p_value: float | None = None
    note: str = ""
    away: float | None = None
    far: float | None = None
    p_interval: tuple[float, float] | None = None
    stability: Stability | None = None
    least_stable: float = 0.0
    spread: float | None = None
    decided_by: DecidedBy = "model"
    compared: bool = False

    @property
    def verdict(self) -> Verdict:
        return "REVIEW" if self.unstable else verdict(self.score, self.threshold, self.review_from)

    @property
    def unstable(self) -> bool:
        """Whether the photo is REVIEW because of its stability, whatever its score."""
        return self.stability is not None and self.stability.share < self.least_stable

    @property
    def draft_agrees(self) -> bool | None:
        """Whether a draft that said OK was right, by the limits of this prediction; None where none was
        compared."""
        return self.verdict == "OK" if self.compared else None

    @property
    def other_part(self) -> bool:
        """Whether the photo shows another part, or none; then its verdict means nothing."""
        return self.away is not None and self.far is not None and self.away > self.far

    @property
    def outcome(self) -> Outcome:
        return NOT_THIS_PART if self.other_part else self.verdict
