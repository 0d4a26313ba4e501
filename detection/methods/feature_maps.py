"""Feature maps of photos, and the samples, banks and grids computed from them."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn

from detection.learning.progress import Watch
from detection.normality.bank import PatchBank
from detection.normality.place import Grid, on_grid
from detection.normality.sampling import PROJECTED, PatchSample, coreset
from detection.photos.image_cache import ImageCache

BATCH = 8
# Features of fine and of coarse patches.
Features = tuple[Tensor, Tensor]
# How the mean over 3 x 3 patches is computed at the border of a photo; see `smooth`.
Border = Literal["inside", "zeros", "fewer"]


class FeatureCache:
    """Stores features in large blocks: thousands of small tensors between large temporary ones fragment
    the memory (1 GB was measured)."""

    _AT_ONCE = 128

    def __init__(self) -> None:
        self._free: dict[torch.Size, Tensor] = {}

    def put(self, features: Tensor) -> list[Tensor]:
        """[N, C, h, w] -> N of float16 [C, h, w], on the CPU."""
        return [self._one(feature) for feature in features]

    def _one(self, feature: Tensor) -> Tensor:
        free = self._free.get(feature.shape)
        if free is None or not len(free):
            free = torch.empty((self._AT_ONCE, *feature.shape), dtype=torch.float16)
        self._free[feature.shape] = free[1:]
        return free[0].copy_(feature)


def smooth(features: Tensor, border: Border) -> Tensor:
    """Each patch averaged with its 3 x 3 neighbours, as in PatchCore: a part need not lie in exactly the same
    place.

    At the border a mean of the six or four patches there (`fewer`) is noisier than one of nine: the worst
    patches of good photos lie there and hide thin defects. So the mean of the next place `inside` is used, or
    patches beyond the border are zeros, as in PatchCore's published code.
    """
    if border == "inside" and min(features.shape[2:]) >= 3:
        return nn.functional.pad(nn.functional.avg_pool2d(features, 3, stride=1), [1] * 4, mode="replicate")
    return nn.functional.avg_pool2d(features, 3, stride=1, padding=1, count_include_pad=border == "zeros")


def joined(fine: Tensor, coarse: Tensor) -> Tensor:
    """Both on the fine grid: [N, C + D, H, W]."""
    return torch.cat([fine, on_grid(coarse, (fine.shape[2], fine.shape[3]))], dim=1)


def bank(sample: PatchSample, size: int, seed: int, watch: Watch, *, project: int = PROJECTED) -> PatchBank:
    """Of the `size` vectors that cover the others best."""
    vectors, origins = sample.vectors(), sample.origins()
    chosen = coreset(vectors, size, seed, project=project)
    watch.check()
    return PatchBank(vectors[chosen].contiguous(), origins=origins.to(chosen.device)[chosen])


def patches(cache: ImageCache, stride: int) -> int:
    """How many patches of that stride its images have in total."""
    return sum(height * width for height, width in cache.shapes) // stride**2


def some(cache: ImageCache, count: int, seed: int) -> ImageCache:
    """At most `count` of its images, at random."""
    drawn = torch.randperm(len(cache), generator=torch.Generator().manual_seed(seed))[:count]
    return cache.subset(drawn.sort().values.tolist())


def usual_grid(cache: ImageCache, most: int, stride: int) -> Grid:
    """The grid of patches of that stride for the median height and width of the images; coarser if that has
    more than `most` places."""
    heights, widths = zip(*cache.shapes, strict=True)
    middle = len(heights) // 2
    height, width = sorted(heights)[middle] / stride, sorted(widths)[middle] / stride
    share = min(1.0, math.sqrt(most / (height * width)))
    return max(1, int(height * share)), max(1, int(width * share))
