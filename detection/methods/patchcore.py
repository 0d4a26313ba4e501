"""`patchcore`: distance to the nearest good patch, as published, for comparison with what builds on it."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from detection.errors import BadArtifact
from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods.base import Judged, Method
from detection.methods.extractors import OnBackbone
from detection.methods.patches import BATCH, SAMPLE, Border, bank, joined, patches, smooth, within
from detection.networks.engine import Engine
from detection.normality.bank import PatchBank
from detection.normality.place import on_grid
from detection.normality.sampling import PatchSample
from detection.photos.image_cache import ImageCache
from detection.types import TrainOptions

VECTORS = 10_000
# The coreset is searched on so many random axes: those of the authors' program.
_PROJECTED = 128
# The score of a photo is its largest patch distance, weighed by so many neighbours in the bank.
_NEIGHBOURS = 9


class Patchcore(Method):
    """Roth et al. 2022 (arXiv:2106.08265): layer2 and layer3 joined, a greedy coreset, the largest distance.

    Patches are averaged over 3 x 3 with zeros around the photo. A mean of fewer patches would be as noisy as
    they are few, and the worst patch of a good photo lie at its border: thin defects drowned there.
    The map is in the units of the distance; the score is the largest patch distance, made smaller
    where good patches lie close around the nearest one.
    """

    name = "patchcore"
    keeps_aspect: ClassVar[bool] = True
    crops: ClassVar[bool] = True
    cross_fits: ClassVar[bool] = True

    def __init__(self, options: TrainOptions, device: torch.device) -> None:
        super().__init__(options, device)
        self.extractor = OnBackbone(options, device)
        # Runs from before November 2026 took means of fewer patches at the border, and hardly any weights.
        self.as_published = True

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Fitted:
        used = self.extractor.begin()
        sample = PatchSample(SAMPLE, patches(learned, 8), self.options.seed)
        done = 0
        with torch.inference_mode():
            for numbers, images in learned.batches(BATCH, self.device):
                sample.add(self._features(images), numbers)
                done += len(numbers)
                watch.tell("training", done, len(learned))
            self.bank, _ = bank(sample, VECTORS, self.options.seed, watch, project=_PROJECTED)
        return Fitted(summary={**used, "vectors": len(self.bank.vectors)})

    def judge(self, images: Tensor) -> Judged:
        with torch.inference_mode():
            features = self._features(images)
            distances, places = self.bank.nearest(features)
            worst = distances.flatten(1).max(dim=1)
            rows = torch.arange(len(images), device=features.device)
            vectors = features.flatten(2)[rows, :, worst.indices]
            near = places.flatten(1)[rows, worst.indices]
            scores = worst.values * self._weight(vectors, near)
            maps = on_grid(distances[:, None], (images.shape[2], images.shape[3]))[:, 0]
            return Judged(scores, maps)

    def engines(self) -> dict[str, Engine]:
        return self.extractor.engines()

    def tensors(self) -> dict[str, Tensor]:
        kept = {f"extractor.{name}": value for name, value in self.extractor.tensors().items()}
        return {
            **kept,
            "bank.vectors": self.bank.vectors,
            "as_published": torch.tensor(int(self.as_published)),
        }

    def restore(self, tensors: dict[str, Tensor]) -> None:
        self.extractor.restore(within(tensors, "extractor."))
        if "bank.vectors" not in tensors:
            raise BadArtifact("The weights contain no bank.")
        self.bank = PatchBank(tensors["bank.vectors"].to(self.device))
        self.as_published = bool(tensors.get("as_published", torch.tensor(0)))

    def _features(self, images: Tensor) -> Tensor:
        _, fine, coarse = self.extractor(images)
        border: Border = "zeros" if self.as_published else "fewer"
        return joined(smooth(fine, border), smooth(coarse, border))

    def _weight(self, vectors: Tensor, near: Tensor) -> Tensor:
        """Of the worst patches [N, C] with their nearest bank vectors' numbers [N], m: [N] in 0..1,
        1 - exp(distance to m) / sum of exp(distances to m and to those of the bank nearest to m)."""
        count = min(_NEIGHBOURS, len(self.bank.vectors))
        if count == 1:
            return torch.ones_like(vectors[:, 0])
        around = torch.cdist(self.bank.vectors[near], self.bank.vectors)
        # The vector itself first, also where it is in the bank twice.
        around[torch.arange(len(near), device=near.device), near] = -1
        others = self.bank.vectors[around.topk(count, largest=False).indices]
        apart = (vectors[:, None] - others).norm(dim=2)
        if not self.as_published:
            apart = apart / vectors.shape[1] ** 0.5
        return 1 - torch.softmax(apart, dim=1)[:, 0]
