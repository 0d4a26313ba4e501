"""What a method of detection has to be able to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Self

import torch
from torch import Tensor

from detection import datasets
from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.networks.engine import Engine
from detection.normality.turns import NONE, Turns
from detection.photos.image_cache import ImageCache
from detection.photos.images import PLAIN, Levels
from detection.photos.region import Region
from detection.photos.transforms import Prepare
from detection.types import TrainOptions


@dataclass(frozen=True, slots=True)
class Judged:
    """What a method says of a batch. Scores [N] and maps [N, H, W] share a unit; higher is worse.

    reconstructions: [N, 3, H, W] in 0..1, None for methods that make none.
    """

    scores: Tensor
    maps: Tensor
    reconstructions: Tensor | None = None


class Method(ABC):
    """A way to detect, made anew for each category.

    Made from its options (`__init__`), it either learns (`fit`) or takes up what it learned before
    (`restore` with what `tensors` gave); then it can `judge`. Options are TrainOptions, already
    within their common ranges; a method refuses what it cannot do with BadOptions in `__init__`.
    """

    name: ClassVar[str]
    # Whether photos keep their aspect, or are squeezed into a square.
    keeps_aspect: ClassVar[bool] = False
    # Whether a small part on a plain ground is looked at closely.
    crops: ClassVar[bool] = False
    # Whether learning is so fast that no good photo is held back: each is scored as if not learned from.
    cross_fits: ClassVar[bool] = False
    # Whether that takes no further fits: see `crossed_scores`.
    leaves_one_out: ClassVar[bool] = False
    # Whether it learns from turned copies where good photos support them.
    turns_photos: ClassVar[bool] = False

    def __init__(self, options: TrainOptions, device: torch.device) -> None:
        self.options = options
        self.device = device
        # Found in the training photos before `fit`, or in the run's config before `restore`: `with_geometry`.
        self.region: Region | None = None
        self.turns = NONE
        self.levels = PLAIN

    @property
    def prepare(self) -> Prepare:
        """How photos become what `judge` takes."""
        return Prepare(
            self.options.size, keeps_aspect=self.keeps_aspect, region=self.region, levels=self.levels
        )

    @property
    def crosses_up_to(self) -> int:
        """Of so many good photos each is learned from and scored all the same, by fits, or parts of one,
        that have not learned from it. Of more, some are held back."""
        return datasets.MANY if self.cross_fits else 0

    def anew(self) -> Self:
        """Another one of the same kind that has learned nothing."""
        return type(self)(self.options, self.device).with_geometry(self.region, self.turns, self.levels)

    def with_geometry(self, region: Region | None, turns: Turns, levels: Levels = PLAIN) -> Self:
        """This one, knowing where parts lie on the photos, at which angles, and what is black and white."""
        self.region, self.turns, self.levels = region, turns, levels
        return self

    def engines(self) -> dict[str, Engine]:
        """By name, the networks that most of judging's time goes into: a runtime may take them over."""
        return {}

    def settled(self) -> Method:
        """What is to be used from here on: this method, or the one that it took to in `fit`."""
        return self

    def crossed_scores(self, learned: ImageCache, watch: Watch) -> list[float] | None:
        """Of the images that `fit` just learned from, in their order, each as if it had not been: by
        leave-one-out, or by parts of the method that never saw it. None where not every image can be."""
        return None

    @abstractmethod
    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Fitted:
        """Learn from good images. `held_back` are good too, for early stopping; it may be empty.

        Tells `watch` its phase "training" at least once a batch, and ends when watch.out_of_time.
        """

    @abstractmethod
    def judge(self, images: Tensor) -> Judged:
        """Images [N, 3, H, W] in 0..1 on the method's device, of one shape; each one's result is its own."""

    @abstractmethod
    def tensors(self) -> dict[str, Tensor]:
        """Everything learned, by name, for weights.safetensors."""

    @abstractmethod
    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Take up what `tensors` gave. Raises BadArtifact where names or shapes do not fit."""
