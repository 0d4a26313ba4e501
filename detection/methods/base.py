"""What a method of detection has to be able to do, and what it makes of a category."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import torch
from torch import Tensor

from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods.setting import Geometry, Sizes
from detection.networks.engine import Engine
from detection.photos.image_cache import ImageCache
from detection.photos.transforms import Prepare
from detection.types import TrainOptions


@dataclass(frozen=True, slots=True)
class Judged:
    """What a model says of a batch. Scores [N] and maps [N, H, W] share a unit; higher is worse.

    reconstructions: [N, 3, H, W] in 0..1, None for methods that make none.
    """

    scores: Tensor
    maps: Tensor
    reconstructions: Tensor | None = None


class Unlearned(Protocol):
    """Judges photos that a model has just learned from as if it had not: by leave-one-out, or by parts of the
    method that never saw them."""

    def scores(self, learned: ImageCache, watch: Watch) -> list[float] | None:
        """Of the images that `fit` learned from, in their order. None where not every image can be."""


@dataclass(frozen=True, eq=False)
class Model(ABC):
    """What a method has learned of a category: whole, and never changed. `pack` is all of it as tensors, and
    `Method.unpack` takes them back.

    method: the one that learned it; its options and geometry go into config.json.
    """

    method: Method

    @property
    def name(self) -> str:
        return self.method.name

    @property
    def options(self) -> TrainOptions:
        return self.method.options

    @property
    def device(self) -> torch.device:
        return self.method.device

    @property
    def geometry(self) -> Geometry:
        return self.method.geometry

    @property
    def prepare(self) -> Prepare:
        return self.method.prepare

    def engines(self) -> dict[str, Engine]:
        """By name, the networks that most of judging's time goes into: a runtime may take them over."""
        return {}

    @abstractmethod
    def judge(self, images: Tensor) -> Judged:
        """Images [N, 3, H, W] in 0..1 on the method's device, of one shape; each one's result is its own."""

    @abstractmethod
    def pack(self) -> dict[str, Tensor]:
        """Everything learned, by name, for weights.safetensors."""


@dataclass(frozen=True)
class Taught:
    """A model, and how learning it went. unlearned: where good photos need no further fits for their scores;
    it is of the photos that were learned from, and goes into no run."""

    model: Model
    how: Fitted
    unlearned: Unlearned | None = None


@dataclass(frozen=True)
class Learner(ABC):
    """Who learns a category from good photos, and how photos have to be prepared for that.

    options: already within their common ranges; what one cannot do is refused when it is made, by BadOptions.
    geometry: found in the training photos, or read from the config of a run.
    """

    options: TrainOptions
    device: torch.device
    geometry: Geometry = field(default_factory=Geometry)
    sizes: Sizes = field(default_factory=Sizes)

    # Whether photos keep their aspect, or are squeezed into a square.
    keeps_aspect: ClassVar[bool] = False
    # Whether a small part on a plain ground is looked at closely.
    crops: ClassVar[bool] = False
    # Whether learning is so fast that no good photo is held back: each is scored as if not learned from.
    cross_fits: ClassVar[bool] = False
    # Whether that takes no further fits: see `Unlearned`.
    leaves_one_out: ClassVar[bool] = False
    # Whether it learns from turned copies where good photos support them.
    turns_photos: ClassVar[bool] = False

    @property
    def prepare(self) -> Prepare:
        """How photos become what `judge` takes."""
        region, levels = self.geometry.region, self.geometry.levels
        return Prepare(self.options.size, keeps_aspect=self.keeps_aspect, region=region, levels=levels)

    @property
    def crosses_up_to(self) -> int:
        """Of so many good photos each is learned from and scored all the same, by fits, or parts of one,
        that have not learned from it. Of more, some are held back."""
        return self.sizes.spared if self.cross_fits else 0

    @abstractmethod
    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Taught:
        """Learn from good images. `held_back` are good too, for early stopping; it may be empty.

        Tells `watch` its phase "training" at least once a batch, and ends when watch.out_of_time.
        """


class Method(Learner):
    """A way to detect. It learns a model (`fit`), or takes one up from what it was packed into (`unpack`),
    and keeps nothing of it: the same method can learn again."""

    name: ClassVar[str]

    @abstractmethod
    def unpack(self, tensors: dict[str, Tensor]) -> Model:
        """The model that `Model.pack` made these of. Raises BadArtifact where names or shapes do not fit."""


def within(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Those whose names begin with the prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors, their names beginning with the prefix."""
    return {f"{prefix}{name}": value for name, value in tensors.items()}
