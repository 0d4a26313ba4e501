"""`padim`: the distance of each place from what is usual there, as published, for comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods.base import Judged, Method, Model, Taught, under, within
from detection.methods.extractors import Extractor, OnBackbone
from detection.methods.feature_maps import BATCH, usual_grid
from detection.methods.traced import Traced, TracedFeatures
from detection.networks.engine import Engine
from detection.normality.place import Grid, PlaceModel, PlaceSums, on_grid
from detection.photos.image_cache import ImageCache

DIMENSIONS = 100


@dataclass(frozen=True, eq=False)
class PadimModel(Model):
    """The score is the largest value of the map."""

    extractor: Extractor
    places: PlaceModel

    def judge(self, images: Tensor) -> Judged:
        with torch.inference_mode():
            embedding = features(self.extractor, images, self.options.seed)
            return self._judged(embedding, (images.shape[2], images.shape[3]))

    def _judged(self, embedding: Tensor, shape: Grid) -> Judged:
        maps = on_grid(self.places.distances(embedding)[:, None], shape)[:, 0]
        return Judged(maps.flatten(1).max(dim=1).values, maps)

    def traced(self) -> Traced:
        def score(maps: tuple[Tensor, ...], shape: Grid) -> Tensor:
            return self._judged(maps[0], shape).scores

        seed = self.options.seed
        return TracedFeatures(lambda images: (features(self.extractor, images, seed),), score, ("patches",))

    def engines(self) -> dict[str, Engine]:
        return self.extractor.engines()

    def pack(self) -> dict[str, Tensor]:
        return under("extractor.", self.extractor.pack()) | under("places.", self.places.pack())


class Padim(Method):
    """Defard et al. 2021 (arXiv:2011.08785): layers 1 to 3 joined, 100 of their features at random, and a
    Gaussian for each place."""

    name = "padim"
    keeps_aspect: ClassVar[bool] = True
    crops: ClassVar[bool] = True
    cross_fits: ClassVar[bool] = True

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Taught:
        extractor, used = OnBackbone.begin(self.options, self.device)
        grid, done = usual_grid(learned, self.sizes.places, extractor.strides[0]), 0
        sums: PlaceSums | None = None
        with torch.inference_mode():
            for numbers, images in learned.batches(BATCH, self.device):
                embedding = features(extractor, images, self.options.seed)
                sums = sums or PlaceSums(grid, embedding.shape[1], self.device)
                sums.add(embedding)
                done += len(numbers)
                watch.tell("training", done, len(learned))
            assert sums is not None
            places = sums.model(own=1.0, ridge=0.01)
        return Taught(PadimModel(self, extractor, places), Fitted(summary=used))

    def unpack(self, tensors: dict[str, Tensor]) -> PadimModel:
        extractor = OnBackbone.unpack(self.options, self.device, within(tensors, "extractor."))
        return PadimModel(self, extractor, PlaceModel.unpack(tensors, "places.", self.device))


def features(extractor: Extractor, images: Tensor, seed: int) -> Tensor:
    """[N, 100, h, w]; the seed decides which features."""
    first, fine, coarse = extractor(images)
    assert first is not None
    shape = (fine.shape[2], fine.shape[3])
    every = torch.cat([nn.functional.adaptive_avg_pool2d(first, shape), fine, on_grid(coarse, shape)], dim=1)
    drawn = torch.randperm(every.shape[1], generator=torch.Generator().manual_seed(seed))[:DIMENSIONS]
    return every[:, drawn.to(every.device)]
