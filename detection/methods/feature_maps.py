"""Feature maps of photos, and what is taken from them: the samples and grids that banks and places are of."""

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
# Of fine and of coarse patches.
Features = tuple[Tensor, Tensor]
# What the mean over 3 x 3 patches is at the border of a photo; see `smooth`.
Border = Literal["inside", "zeros", "fewer"]


def smooth(features: Tensor, border: Border) -> Tensor:
    """Each patch with its 3 x 3 neighbours, as in PatchCore: a part need not lie exactly as before.

    At the border a mean of the six or four that there are (`fewer`) is noisier than one of nine: the worst
    patches of good photos lie there, and thin defects drown. So it is that of the next place further
    `inside` there, or zeros lie beyond the border, as in PatchCore's programs.
    """
    if border == "inside" and min(features.shape[2:]) >= 3:
        return nn.functional.pad(nn.functional.avg_pool2d(features, 3, stride=1), [1] * 4, mode="replicate")
    return nn.functional.avg_pool2d(features, 3, stride=1, padding=1, count_include_pad=border == "zeros")


def joined(fine: Tensor, coarse: Tensor) -> Tensor:
    """Both on the fine grid: [N, C + D, H, W]."""
    return torch.cat([fine, on_grid(coarse, (fine.shape[2], fine.shape[3]))], dim=1)


def bank(
    sample: PatchSample, size: int, seed: int, watch: Watch, *, project: int = PROJECTED
) -> tuple[PatchBank, Tensor]:
    """Of the `size` vectors that cover the others best, and which photo each is of."""
    vectors, owners = sample.vectors(), sample.owners()
    chosen = coreset(vectors, size, seed, project=project)
    watch.check()
    return PatchBank(vectors[chosen].contiguous()), owners.to(chosen.device)[chosen]


def patches(cache: ImageCache, stride: int) -> int:
    """How many patches of that stride its images have together."""
    return sum(height * width for height, width in cache.shapes) // stride**2


def some(cache: ImageCache, count: int, seed: int) -> ImageCache:
    """At most `count` of its images."""
    drawn = torch.randperm(len(cache), generator=torch.Generator().manual_seed(seed))[:count]
    return cache.subset(drawn.sort().values.tolist())


def usual_grid(cache: ImageCache, most: int) -> Grid:
    """Of the fine patches: the middle one of the images' heights, and of their widths; coarser where that
    is more than `most` places."""
    heights, widths = zip(*cache.shapes, strict=True)
    middle = len(heights) // 2
    height, width = sorted(heights)[middle] / 8, sorted(widths)[middle] / 8
    share = min(1.0, math.sqrt(most / (height * width)))
    return max(1, int(height * share)), max(1, int(width * share))
