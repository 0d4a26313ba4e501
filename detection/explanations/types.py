"""What an explanation is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detection.errors import DetectionError
from detection.judging.detector import Detector
from detection.photos.transforms import PhotoSource
from detection.types import OnStep


class NotExplained(DetectionError):
    """An explanation that a run does not have; the message says why, and what to do."""

    code = "not_explained"


@dataclass(frozen=True, slots=True)
class GoodPhoto:
    """A photo that a run has learned from. photo: None where it is gone. why: half a sentence about why it is
    gone, or why it is still kept although it was removed from the samples."""

    name: str
    photo: PhotoSource | None
    why: str = ""


class GoodPhotos(Protocol):
    """Finds the photos that a run has learned from."""

    def find(self, sha256: str) -> GoodPhoto:
        """The photo with this hash of its file."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """facts: for JSON: what it "says" in sentences, numbers, boxes as shares of the photo (left, top, right,
    bottom), and names of its pictures. pictures: for people, by name. attribution: float32 [H, W] in
    px of the model, how much each place raises the score; what `truth` checks."""

    kind: str
    facts: dict[str, Any]
    pictures: Mapping[str, Image.Image] = field(default_factory=dict)
    attribution: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be explained: what the detector says of a photo, judged by this threshold.

    goods: finds the photos that its run has learned from. on_step: see `OnStep`. seconds: about
    how long an explanation that needs many verdicts may take.
    """

    detector: Detector
    photo: PhotoSource
    goods: GoodPhotos
    threshold: float
    on_step: OnStep
    seconds: float = 20.0


def ignore(done: int, total: int) -> None:
    """For callers that do not follow the progress."""
