"""`padim`: how far each place is from what is usual there, as published, for comparison."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from detection.errors import BadArtifact
from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods.base import Judged, Method
from detection.methods.extractors import OnBackbone
from detection.methods.patches import BATCH, usual_grid, within
from detection.networks.engine import Engine
from detection.normality.place import PlaceModel, PlaceSums, on_grid
from detection.photos.image_cache import ImageCache
from detection.types import TrainOptions

DIMENSIONS = 100


class Padim(Method):
    """Defard et al. 2021 (arXiv:2011.08785): layers 1 to 3 joined, 100 of their features by lot, and at each
    place a Gaussian of its own. The score is the largest value of the map."""

    name = "padim"
    keeps_aspect: ClassVar[bool] = True
    crops: ClassVar[bool] = True
    cross_fits: ClassVar[bool] = True

    def __init__(self, options: TrainOptions, device: torch.device) -> None:
        super().__init__(options, device)
        self.extractor = OnBackbone(options, device)

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Fitted:
        used = self.extractor.begin()
        sums: PlaceSums | None = None
        done = 0
        with torch.inference_mode():
            for numbers, images in learned.batches(BATCH, self.device):
                features = self._features(images)
                sums = sums or PlaceSums(usual_grid(learned), features.shape[1], self.device)
                sums.add(features)
                done += len(numbers)
                watch.tell("training", done, len(learned))
            assert sums is not None
            self.places = sums.model(own=1.0, ridge=0.01)
        return Fitted(summary=used)

    def judge(self, images: Tensor) -> Judged:
        with torch.inference_mode():
            distances = self.places.distances(self._features(images))
            maps = on_grid(distances[:, None], (images.shape[2], images.shape[3]))[:, 0]
            return Judged(maps.flatten(1).max(dim=1).values, maps)

    def engines(self) -> dict[str, Engine]:
        return self.extractor.engines()

    def tensors(self) -> dict[str, Tensor]:
        return {
            **{f"extractor.{name}": value for name, value in self.extractor.tensors().items()},
            "places.grid": torch.tensor(self.places.grid),
            "places.mean": self.places.mean,
            "places.whitening": self.places.whitening,
        }

    def restore(self, tensors: dict[str, Tensor]) -> None:
        self.extractor.restore(within(tensors, "extractor."))
        t = {name: value.to(self.device) for name, value in within(tensors, "places.").items()}
        try:
            height, width = t["grid"].tolist()
            self.places = PlaceModel((height, width), t["mean"], t["whitening"])
        except KeyError as error:
            raise BadArtifact(f"The weights contain no places.{error}.") from error

    def _features(self, images: Tensor) -> Tensor:
        first, fine, coarse = self.extractor(images)
        assert first is not None
        shape = (fine.shape[2], fine.shape[3])
        every = torch.cat(
            [nn.functional.adaptive_avg_pool2d(first, shape), fine, on_grid(coarse, shape)], dim=1
        )
        generator = torch.Generator().manual_seed(self.options.seed)
        drawn = torch.randperm(every.shape[1], generator=generator)[:DIMENSIONS]
        return every[:, drawn.to(every.device)]
