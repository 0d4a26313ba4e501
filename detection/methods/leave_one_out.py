"""Leave-one-out for patch models: photos that were learned from, scored as if they had not been."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import torch
from torch import Tensor

from detection.damage import harmless
from detection.learning.progress import Watch
from detection.methods.feature_maps import Features
from detection.methods.patch_model import PatchModel
from detection.normality import leave_out, level
from detection.normality.leave_out import BankWithout
from detection.normality.level import Level
from detection.normality.place import on_grid
from detection.normality.turns import turned
from detection.photos.image_cache import ImageCache
from detection.verdicts.scoring import plain


@dataclass(frozen=True, eq=False)
class PatchLeaveOneOut:
    """owners: the photo of each vector in the banks of fine and of coarse patches. count: the number of
    photos and turned copies that the Gaussians are computed from."""

    model: PatchModel
    owners: tuple[Tensor, Tensor]
    count: int

    @classmethod
    def of(cls, model: PatchModel, count: int) -> Self:
        """A model that has just been learned: its banks know where their vectors are from."""
        assert model.fine.origins is not None and model.coarse.origins is not None
        return cls(model, (model.fine.origins[:, 0], model.coarse.origins[:, 0]), count)

    def scores(self, learned: ImageCache, watch: Watch) -> list[float]:
        scores = [0.0] * len(learned)
        for done, (number, measures) in enumerate(self.each(learned, watch), 1):
            height, width = learned.shapes[number]
            scores[number] = plain(self.model.judged(measures[None], (height, width)).scores)[0]
            watch.tell("training", done, len(learned))
        return scores

    def each(self, learned: ImageCache, watch: Watch) -> Iterator[tuple[int, Tensor]]:
        """Each photo that was learned from: its number, and its measures [3, h, w] as if it had not been."""
        for numbers, images in learned.batches(1, self.model.device):
            watch.check()
            number = int(numbers[0])
            with torch.inference_mode():  # must not extend to the caller between two photos
                measures = self.measures(images, learned, number)[0]
            yield number, measures

    def measures(self, images: Tensor, learned: ImageCache, number: int) -> Tensor:
        """The measures [M, 3, h, w] of a photo [M, 3, H, W], first unchanged and then with changes, as if
        neither it nor its near-duplicates (no new photo has any) had been learned from. number: of the photo
        among those learned from."""
        features = self.model.extraction.features(images)
        near, far = self.model.axes.banked(features)
        grid = (near.shape[2], near.shape[3])
        siblings = learned.siblings[number]
        close = self._banks[0].distances(near, siblings)
        far_off = on_grid(self._banks[1].distances(far, siblings)[:, None], grid)[:, 0]
        turns = self.model.geometry.turns
        if turns.any_angle:  # places are not compared
            return torch.stack([close, far_off, torch.ones_like(close)], dim=1)
        shown = self._residuals(features)
        others = [learned.batch(torch.tensor([one]), images.device) for one in siblings if one != number]
        every = [turned(one, turn) for one in (images[:1], *others) for turn in turns.copies]
        left_out = [self._residuals(self.model.extraction.features(one)) for one in (*others, *every)]
        usual = leave_out.lengths_of(shown, torch.cat([shown[:1], *left_out]), self.count)
        return torch.stack([close, far_off, on_grid(usual[:, None], grid)[:, 0]], dim=1)

    def level(self, learned: ImageCache, watch: Watch) -> Level:
        """From harmless copies of some photos, as if these had not been learned from."""
        draw = torch.Generator().manual_seed(self.model.options.seed)
        every = []
        for number in level.drawn(len(learned), draw):
            watch.check()
            images = learned.batch(torch.tensor([number]), self.model.device)
            copies = harmless.mixed(images.repeat(level.COPIES, 1, 1, 1), draw)
            measures = self.measures(torch.cat([images, copies]), learned, number)
            every.append(level.shown(self.model.product(measures)))
        return level.learn(torch.stack(every)) if every else Level()

    @cached_property
    def _banks(self) -> tuple[BankWithout, BankWithout]:
        """Created on first use: not every model needs them."""
        fine, coarse = self.owners
        return BankWithout(self.model.fine, fine), BankWithout(self.model.coarse, coarse)

    def _residuals(self, features: Features) -> Tensor:
        return self.model.places.residuals(self.model.axes.both(features))
