"""`patchcore`: distance to the nearest good patch, as published, for comparison with methods based on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from detection.errors import BadArtifact
from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods.base import Compared, Judged, Method, Model, Taught, under, within
from detection.methods.extractors import Extractor, OnBackbone
from detection.methods.feature_maps import BATCH, Border, bank, joined, patches
from detection.methods.traced import Traced, TracedFeatures
from detection.networks.engine import Engine
from detection.normality.bank import PatchBank
from detection.normality.place import Grid, on_grid
from detection.normality.sampling import PatchSample
from detection.photos.image_cache import ImageCache

# Number of random axes on which the coreset is searched, as many as anomalib has for some 30 photos. With the
# 128 of the authors' code the seed changes the result more (docs/measurements/patchcore.md).
_PROJECTED = 256
# The score of a photo is its largest patch distance, weighted by this many neighbours in the bank.
_NEIGHBOURS = 9


@dataclass(frozen=True, eq=False)
class PatchcoreModel(Model):
    """The map is in units of the distance; the score is the largest patch distance, reduced where good
    patches lie close around the nearest one.

    as_published: False for runs from before November 2026, which averaged fewer patches at the border, and
    whose weights hardly vary.
    """

    extractor: Extractor
    bank: PatchBank
    as_published: bool = True

    def judge(self, images: Tensor) -> Judged:
        with torch.inference_mode():
            return self._judged(self._features(images), (images.shape[2], images.shape[3]))

    def _judged(self, embedding: Tensor, shape: Grid) -> Judged:
        distances, places = self.bank.nearest(embedding)
        worst = distances.flatten(1).max(dim=1)
        rows = torch.arange(len(embedding), device=embedding.device)
        vectors = embedding.flatten(2)[rows, :, worst.indices]
        near = places.flatten(1)[rows, worst.indices]
        scores = worst.values * self._weight(vectors, near)
        return Judged(scores, on_grid(distances[:, None], shape)[:, 0])

    def traced(self) -> Traced:
        def score(maps: tuple[Tensor, ...], shape: Grid) -> Tensor:
            return self._judged(maps[0], shape).scores

        return TracedFeatures(lambda images: (self._features(images),), score, ("patches",))

    def compared(self, images: Tensor) -> tuple[Compared, ...]:
        with torch.inference_mode():
            stride = self.extractor.strides[0]
            return (Compared(self.name, "all", self.bank, self._features(images), stride),)

    def engines(self) -> dict[str, Engine]:
        return self.extractor.engines()

    def pack(self) -> dict[str, Tensor]:
        own = {"as_published": torch.tensor(int(self.as_published))}
        return under("extractor.", self.extractor.pack()) | self.bank.pack("bank.", spread=False) | own

    def _features(self, images: Tensor) -> Tensor:
        return features(self.extractor, images, "zeros" if self.as_published else "fewer")

    def _weight(self, vectors: Tensor, near: Tensor) -> Tensor:
        """For the worst patches [N, C] and the numbers [N] of their nearest bank vectors m: [N] in 0..1, 1
        - exp(distance to m) / sum of exp(distances to m and to the bank vectors nearest to m)."""
        count = min(_NEIGHBOURS, len(self.bank.vectors))
        if count == 1:
            return torch.ones_like(vectors[:, 0])
        around = torch.cdist(self.bank.vectors[near], self.bank.vectors)
        # The vector itself comes first, also if the bank contains it twice.
        around[torch.arange(len(near), device=near.device), near] = -1
        others = self.bank.vectors[around.topk(count, largest=False).indices]
        apart = (vectors[:, None] - others).norm(dim=2)
        if not self.as_published:
            apart = apart / vectors.shape[1] ** 0.5
        return 1 - torch.softmax(apart, dim=1)[:, 0]


class Patchcore(Method):
    """Roth et al. 2022 (arXiv:2106.08265): layer2 and layer3 joined, a greedy coreset, the largest distance.

    Patches are averaged over 3 x 3 with zeros around the photo. A mean of fewer patches would be noisier, and
    the worst patch of a good photo would lie at its border, where it hides thin defects.
    """

    name = "patchcore"
    keeps_aspect: ClassVar[bool] = True
    crops: ClassVar[bool] = True
    cross_fits: ClassVar[bool] = True
    extractor_type: ClassVar[type[Extractor]] = OnBackbone

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Taught:
        extractor, used = self.extractor_type.begin(self.options, self.device)
        sample = PatchSample(self.sizes.sample, patches(learned, extractor.strides[0]), self.options.seed)
        done = 0
        with torch.inference_mode():
            for numbers, images in learned.batches(BATCH, self.device):
                sample.add(features(extractor, images, "zeros"), numbers)
                done += len(numbers)
                watch.tell("training", done, len(learned))
            memory_bank = bank(sample, self.sizes.vectors, self.options.seed, watch, project=_PROJECTED)
        model = PatchcoreModel(self, extractor, memory_bank)
        return Taught(model, Fitted(summary={**used, "vectors": len(memory_bank.vectors)}))

    def unpack(self, tensors: dict[str, Tensor]) -> PatchcoreModel:
        own = within(tensors, "extractor.")
        extractor = self.extractor_type.unpack(self.options, self.device, own)
        if "bank.vectors" not in tensors:
            raise BadArtifact("The weights contain no bank.")
        origins = tensors.get("bank.origins")
        memory_bank = PatchBank(tensors["bank.vectors"].to(self.device), origins=origins)
        as_published = bool(tensors.get("as_published", torch.tensor(0)))
        return PatchcoreModel(self, extractor, memory_bank, as_published)


def features(extractor: Extractor, images: Tensor, border: Border) -> Tensor:
    """Embedding of patches as fine as the fine ones, [N, C, h, w]."""
    return joined(*extractor.patches(images, border))
