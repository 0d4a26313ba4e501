"""Methods of which several categories can share a network or memory bank, learned from the photos of all."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods.base import Method, Model, Taught
from detection.methods.extractors import Extractor
from detection.photos.image_cache import ImageCache


@dataclass(frozen=True, slots=True)
class GoodPhotos:
    """Those of one category, prepared by a method that knows their geometry."""

    method: Method
    learned: ImageCache
    held_back: ImageCache


@dataclass(frozen=True, eq=False)
class Shared(ABC):
    """What the categories of a family have in common. how: how it was learned."""

    extractor: Extractor
    how: Fitted

    @abstractmethod
    def tensors(self) -> Mapping[str, Tensor]:
        """What was learned, by name: it tells one family from another."""


@dataclass(frozen=True)
class FamilyMethod(Method):
    """A method in two steps: learn what categories share (`learn`), and what is each one's own (`settle`).

    joins: what another family has learned. Only the second step is done.
    """

    joins: Shared | None = None

    # Whether a category that joins is learned from turned copies, too. A network that has not learned from
    # these parts reconstructs some places worse than others, and turned copies would mix these places: on
    # parts at any angle that cost .4 of image AUROC.
    turns_when_joining: ClassVar[bool] = False
    # Whether a category that joins adds to what is shared, for those that join it later.
    grows: ClassVar[bool] = False

    @property
    def crosses_up_to(self) -> int:
        # What is shared has not learned from these photos, so none has to be held back.
        return self.sizes.spared if self.joins else super().crosses_up_to

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Taught:
        if self.joins:
            return self.settle(self.joins, learned, watch)
        shared = self.learn([GoodPhotos(self, learned, held_back)], watch)
        return self.settle(shared, learned, watch.silent(), member=0)

    @abstractmethod
    def learn(self, photos: Sequence[GoodPhotos], watch: Watch) -> Shared:
        """From the photos of one or more categories. Reports the phase "training" as `fit` does."""

    @abstractmethod
    def settle(
        self, shared: Shared, learned: ImageCache, watch: Watch, *, member: int | None = None
    ) -> Taught:
        """The model of this category, by its good photos. member: its number among those that `shared` has
        learned from. None if it has not: then the model comes with the leave-one-out of these photos."""

    @abstractmethod
    def shared(self, model: Model) -> Shared:
        """What a model of this method has in common with others of its family."""


def digest(tensors: Mapping[str, Tensor]) -> str:
    """Of their names and values: what two models have in common has one."""
    hashed = hashlib.sha256()
    for name in sorted(tensors):
        hashed.update(f"{name} {tuple(tensors[name].shape)}".encode())
        hashed.update(tensors[name].cpu().contiguous().numpy().tobytes())
    return hashed.hexdigest()
