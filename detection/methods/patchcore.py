"""`patchcore`: distance to the nearest good patch, as published, for comparison with what builds on it."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from detection.engine import Engine
from detection.errors import BadArtifact
from detection.methods.base import Fitted, Judged, Method
from detection.methods.extractors import OnBackbone
from detection.methods.patches import BATCH, SAMPLE, bank, joined, patches, smooth, within
from detection.normality.bank import PatchBank
from detection.normality.place import on_grid
from detection.normality.sampling import PatchSample
from detection.progress import Watch
from detection.shelf import Shelf
from detection.types import TrainOptions

VECTORS = 10_000
# The score of a photo is its largest patch distance, weighed by so many neighbours in the bank.
_NEIGHBOURS = 9


class Patchcore(Method):
    """Roth et al. 2022 (arXiv:2106.08265): layer2 and layer3 joined, a greedy coreset, the largest distance.

    The map is in the units of the distance; the score is the largest patch distance, made smaller
    where the nearest good patch is a rare one itself.
    """

    name = "patchcore"
    keeps_aspect: ClassVar[bool] = True
    crops: ClassVar[bool] = True
    cross_fits: ClassVar[bool] = True

    def __init__(self, options: TrainOptions, device: torch.device) -> None:
        super().__init__(options, device)
        self.extractor = OnBackbone(options, device)

    def fit(self, learned: Shelf, held_back: Shelf, watch: Watch) -> Fitted:
        used = self.extractor.begin()
        sample = PatchSample(SAMPLE, patches(learned, 8), self.options.seed)
        done = 0
        with torch.inference_mode():
            for numbers, images in learned.batches(BATCH, self.device):
                sample.add(self._features(images))
                done += len(numbers)
                watch.tell("training", done, len(learned))
            self.bank = bank(sample.vectors(), VECTORS, self.options.seed, watch)
        return Fitted(summary={**used, "vectors": len(self.bank.vectors)})

    def judge(self, images: Tensor) -> Judged:
        with torch.inference_mode():
            features = self._features(images)
            distances = self.bank.distances(features, relative=False)
            worst = distances.flatten(1).max(dim=1)
            vectors = features.flatten(2)[torch.arange(len(images)), :, worst.indices]
            scores = worst.values * self._weight(vectors, worst.values)
            maps = on_grid(distances[:, None], (images.shape[2], images.shape[3]))[:, 0]
            return Judged(scores, maps)

    def engines(self) -> dict[str, Engine]:
        return self.extractor.engines()

    def tensors(self) -> dict[str, Tensor]:
        kept = {f"extractor.{name}": value for name, value in self.extractor.tensors().items()}
        return {**kept, "bank.vectors": self.bank.vectors}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        self.extractor.restore(within(tensors, "extractor."))
        if "bank.vectors" not in tensors:
            raise BadArtifact("The weights contain no bank.")
        self.bank = PatchBank(tensors["bank.vectors"].to(self.device))

    def _features(self, images: Tensor) -> Tensor:
        _, fine, coarse = self.extractor(images)
        return joined(smooth(fine), smooth(coarse))

    def _weight(self, vectors: Tensor, distances: Tensor) -> Tensor:
        """1 - exp(d) / sum of exp(distances to the neighbours of the nearest bank vector); [N]."""
        near = torch.cdist(vectors, self.bank.vectors).argmin(dim=1)
        count = min(_NEIGHBOURS, len(self.bank.vectors))
        around = torch.cdist(self.bank.vectors[near], self.bank.vectors).topk(count, largest=False).indices
        to_them = (vectors[:, None] - self.bank.vectors[around]).norm(dim=2)
        # Divided by the root of the number of features, as the authors' program does: exp overflows.
        scale = vectors.shape[1] ** 0.5
        weights = 1 - torch.softmax(to_them / scale, dim=1)[:, 0]
        return weights if count > 1 else torch.ones_like(distances)
