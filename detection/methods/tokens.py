"""Feature tokens of photos: what a transformer reads, and what it has to reconstruct."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from detection.learning.progress import Watch
from detection.methods.extractors import Extractor
from detection.methods.feature_maps import BATCH, FeatureCache, Features, some
from detection.normality.turns import AS_IS, Turn, turned
from detection.photos.image_cache import ImageCache, of_one_shape

# Photos that determine the scale.
FIRST_LOOK = 64
# A deviation is at least this share of the mean.
_STEADY = 0.1
# float16 ends at 65,504; scaled features are a few units.
_MOST = 1_000.0


class Scale(nn.Module):
    """Mean and deviation of each feature of good photos: strong features must not drown the others.

    Fine features [N, C, s h, s w] and coarse ones [N, D, h, w] -> tokens [N, s s C + D, h, w], the fine
    patches of a token and its coarse one, scaled.

    side: s, 2 where the coarse stride is twice the fine one.
    """

    fine_mean: Tensor
    fine_deviation: Tensor
    coarse_mean: Tensor
    coarse_deviation: Tensor

    def __init__(self, fine: int, coarse: int, side: int) -> None:
        super().__init__()
        self.side = side
        for name, count in (("fine", fine), ("coarse", coarse)):
            self.register_buffer(f"{name}_mean", torch.zeros(count, 1, 1))
            self.register_buffer(f"{name}_deviation", torch.ones(count, 1, 1))

    @property
    def inputs(self) -> int:
        """s s C + D."""
        return self.side**2 * len(self.fine_mean) + len(self.coarse_mean)

    @classmethod
    def of(
        cls, extractor: Extractor, photos: Sequence[ImageCache], device: torch.device, watch: Watch
    ) -> Self:
        """From good photos of one or more categories; at least one."""
        sums: list[tuple[Tensor, Tensor]] = []
        for _, images in chain.from_iterable(one.batches(BATCH, device) for one in photos):
            watch.check()
            _, fine, coarse = extractor(images)
            sums.append((_moments(fine), _moments(coarse)))
        fine, coarse = (torch.cat(each, dim=1).mean(dim=1) for each in zip(*sums, strict=True))
        strides = extractor.strides
        scale = cls(fine.shape[1], coarse.shape[1], strides[1] // strides[0]).to(device)
        scale.fine_mean, scale.fine_deviation = _mean_and_deviation(fine)
        scale.coarse_mean, scale.coarse_deviation = _mean_and_deviation(coarse)
        return scale

    def forward(self, fine: Tensor, coarse: Tensor) -> Tensor:
        near = (fine - self.fine_mean) / self.fine_deviation
        far = (coarse - self.coarse_mean) / self.coarse_deviation
        return torch.cat([functional.pixel_unshuffle(near, self.side), far], dim=1)

    def distances(self, tokens: Tensor, reconstructed: Tensor) -> Features:
        """1 - cosine of tokens and their reconstruction, 0 to 2: of each fine patch, [N, s h, s w], and
        of each coarse one, [N, h, w]."""
        of_fine, of_coarse = (
            distance(one, other)
            for one, other in zip(self.groups(tokens), self.groups(reconstructed), strict=True)
        )
        return functional.pixel_shuffle(of_fine, self.side)[:, 0], of_coarse

    def groups(self, tokens: Tensor) -> Features:
        """The fine patches of tokens, [N, C, s s, h, w], and the coarse ones, [N, D, h, w], measured in
        deviations, but from zero: parts of one colour have features that hardly differ from the mean, and
        the direction of the difference is noise."""
        count, fine = len(self.fine_mean), self.side**2 * len(self.fine_mean)
        each = (tokens.shape[0], count, self.side**2, *tokens.shape[2:])  # traced: `len` would be fixed
        near = tokens[:, :fine].reshape(each) + (self.fine_mean / self.fine_deviation)[:, None]
        return near, tokens[:, fine:] + self.coarse_mean / self.coarse_deviation


def _moments(maps: Tensor) -> Tensor:
    """The means of features [N, C, h, w] and of their squares: [2, N, C]."""
    return torch.stack([maps.mean(dim=(2, 3)), maps.square().mean(dim=(2, 3))]).double()


def _mean_and_deviation(moments: Tensor) -> tuple[Tensor, Tensor]:
    """From the means of features and of their squares, [2, C]: both [C, 1, 1]."""
    mean, squares = moments
    deviation = (squares - mean.square()).clamp_min(0).sqrt()
    # A feature that hardly differs between good patches would outweigh the others.
    least = _STEADY * mean.abs() + 1e-6
    return mean.float()[:, None, None], deviation.clamp_min(least).float()[:, None, None]


def distance(one: Tensor, other: Tensor) -> Tensor:
    """1 - cosine along the second dimension, [N, C, ...] -> [N, ...]."""
    # Faster than PyTorch's own, which first divides each number by the length.
    cosine: Tensor = (one * other).sum(dim=1) / (one.norm(dim=1) * other.norm(dim=1) + 1e-6)
    return 1 - cosine


class TokenCache:
    """Tokens of good photos in float16; as `Batches`."""

    def __init__(self, tokens: Sequence[Tensor]) -> None:
        self._tokens = tokens

    def __len__(self) -> int:
        return len(self._tokens)

    def batches(
        self, count: int, device: torch.device, order: Tensor | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        numbers = range(len(self)) if order is None else order.tolist()
        for group in of_one_shape(numbers, count, lambda number: self._tokens[number].shape):
            yield torch.tensor(group), torch.stack([self._tokens[one] for one in group]).to(device).float()


def store(
    extractor: Extractor,
    scale: Scale,
    photos: ImageCache,
    device: torch.device,
    watch: Watch,
    *,
    room: int,
    seed: int,
    copies: Sequence[Turn] = (),
) -> list[Tensor]:
    """The tokens of photos and of their turned copies, float16, shuffled; as many as fit into `room` bytes:
    copies are left out first, then photos. Reports the phase "training"."""
    if not len(photos):
        return []
    largest = max(height * width for height, width in photos.shapes) // extractor.strides[1] ** 2
    most = max(1, room // (2 * scale.inputs * largest))
    photos = some(photos, most, seed)
    turns = (AS_IS, *copies[: most // len(photos) - 1])
    kept, stored, done = FeatureCache(), list[Tensor](), 0
    for _, images in photos.batches(BATCH, device):
        for turn in turns:
            watch.check()
            _, fine, coarse = extractor(turned(images, turn))
            stored += kept.put(scale(fine, coarse).clamp(-_MOST, _MOST))
        done += len(images)
        watch.tell("training", done, len(photos))
    order = torch.randperm(len(stored), generator=torch.Generator().manual_seed(seed))
    return [stored[number] for number in order.tolist()]
