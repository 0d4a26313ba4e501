"""The interface of detection methods and of the models that they learn."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import torch
from torch import Tensor

from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods.setting import Geometry, Sizes
from detection.methods.traced import Traced
from detection.networks.engine import Engine
from detection.normality.bank import PatchBank
from detection.photos.image_cache import ImageCache
from detection.photos.transforms import Prepare
from detection.types import TrainOptions


@dataclass(frozen=True, slots=True)
class Judged:
    """A model's result for a batch. Scores [N] and maps [N, H, W] share a unit; higher is worse.

    reconstructions: [N, 3, H, W] in 0..1, None for methods that make none. spread: standard errors [N] of
    scores that are means of several draws, None for methods that draw nothing at random.
    """

    scores: Tensor
    maps: Tensor
    reconstructions: Tensor | None = None
    spread: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """The patches of photos, [N, C, h, w], as a bank compares them with good ones. part: what the bank holds,
    such as "fine"; method: whose bank it is; stride: pixels from one patch to the next."""

    method: str
    part: str
    bank: PatchBank
    patches: Tensor
    stride: int


class LeaveOneOut(Protocol):
    """Scores photos that a model has learned from as if it had not: by leave-one-out, or by parts of the
    method that never saw them."""

    def scores(self, learned: ImageCache, watch: Watch) -> list[float] | None:
        """Scores of the images that `fit` learned from, in their order. None if that is not possible for
        all."""


@dataclass(frozen=True, eq=False)
class Model(ABC):
    """What a method has learned of a category: complete and immutable. `pack` gives all of it as tensors, and
    `Method.unpack` reads them.

    method: the one that learned it; its options and geometry are stored in config.json.
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
        """The networks that take most of the time of judging, by name: a runtime may compute them instead."""
        return {}

    def compared(self, images: Tensor) -> tuple[Compared, ...]:
        """For each bank of good patches, the patches of images as for `judge`; empty without a bank."""
        return ()

    def traced(self) -> Traced | None:
        """Its scores with gradients; None for methods whose scores have none. PyTorch must be its runtime."""
        return None

    @abstractmethod
    def judge(self, images: Tensor) -> Judged:
        """Images [N, 3, H, W] in 0..1 on the method's device, all of one shape; results do not depend on
        each other."""

    def draft(self, images: Tensor) -> Judged:
        """An estimate of what `judge` returns, faster where possible; maps may be smaller than the images."""
        return self.judge(images)

    @abstractmethod
    def pack(self) -> dict[str, Tensor]:
        """Everything learned, by name, for weights.safetensors."""


@dataclass(frozen=True)
class Taught:
    """A model, and how the training went. leave_one_out: only of methods that score good photos without
    further fits; it refers to the photos that were learned from, and is not stored."""

    model: Model
    how: Fitted
    leave_one_out: LeaveOneOut | None = None


@dataclass(frozen=True)
class Learner(ABC):
    """Learns a category from good photos, and says how photos have to be prepared for that.

    options: already within the common ranges; what a learner cannot do is refused with BadOptions when it is
    created. geometry: determined from the training photos, or read from the config of a run.
    """

    options: TrainOptions
    device: torch.device
    geometry: Geometry = field(default_factory=Geometry)
    sizes: Sizes = field(default_factory=Sizes)

    # Whether photos keep their aspect ratio, or are squeezed into a square.
    keeps_aspect: ClassVar[bool] = False
    # Whether to zoom in on a small part on a plain background.
    crops: ClassVar[bool] = False
    # Whether training is so fast that no good photo is held back: each is scored as if not learned from.
    cross_fits: ClassVar[bool] = False
    # Whether that takes no further fits: see `LeaveOneOut`.
    leaves_one_out: ClassVar[bool] = False
    # Whether it learns from turned copies where good photos support them.
    turns_photos: ClassVar[bool] = False

    @property
    def prepare(self) -> Prepare:
        """Prepares photos for `judge`."""
        region, levels = self.geometry.region, self.geometry.levels
        return Prepare(self.options.size, keeps_aspect=self.keeps_aspect, region=region, levels=levels)

    @property
    def crosses_up_to(self) -> int:
        """Up to this many good photos, all are learned from, and each is scored by fits, or parts of one,
        that have not learned from it. With more, some are held back."""
        return self.sizes.spared if self.cross_fits else 0

    @abstractmethod
    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Taught:
        """Learn from good images. `held_back` are good images for early stopping; it may be empty.

        Reports the phase "training" to `watch` at least once per batch, and ends when watch.out_of_time.
        """


class Method(Learner):
    """A detection method. It learns a model (`fit`) or reads a packed one (`unpack`), and keeps no state:
    the same method can learn again."""

    name: ClassVar[str]

    @abstractmethod
    def unpack(self, tensors: dict[str, Tensor]) -> Model:
        """The reverse of `Model.pack`. Raises BadArtifact if names or shapes do not fit."""


def within(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names begin with the prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors with the prefix before their names."""
    return {f"{prefix}{name}": value for name, value in tensors.items()}
