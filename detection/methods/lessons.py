"""Training and test examples for `unet-features`: features of good photos and of damaged copies.

A photo's features are always computed by methods that have not learned from it. A method that has would find
it more usual than any new photo, and a network trained on such features would rely on them too much.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional

from detection import datasets
from detection.damage import Damage, apart, harmless, masks
from detection.learning.memory import give_back
from detection.learning.progress import Watch
from detection.methods.feature_maps import FeatureCache, some
from detection.methods.patch_model import PatchModel, features_of
from detection.methods.patches import DIMENSIONS, PatchMethod
from detection.methods.setting import Sizes
from detection.normality.place import on_grid
from detection.photos.image_cache import ImageCache, of_one_shape

# Maximum number of photos with copies that have reserved kinds of damage.
PROBED = 240
# Approximate number of copies with harmless changes.
LIT = 48
# With fewer photos no network is trained: so few could not show that it helps.
LEAST = 6
# After this share of the time no more copies are made: training on them takes as long again. After the second
# share, only one probe is made per photo.
_TIME, _LATE = 0.5, 0.75
_BATCH = 8


@dataclass(frozen=True, slots=True)
class HeldOutFeatures:
    """A photo seen by methods that have not learned from it: the features of the first one, float16 [C, h,
    w], and the product of each one's measures [methods, h, w]. image: the number of the photo. damaged:
    its damaged share."""

    image: int
    features: Tensor
    products: Tensor
    damaged: float = 0.0


class Examples:
    """Features and damage masks [h, w]; `batches` gives both as one tensor [N, C + 2, h, w]: the features,
    the damage, and the group of the photo."""

    def __init__(self, groups: Sequence[int]) -> None:
        self.groups = groups
        self._stored: list[tuple[int, Tensor, Tensor]] = []

    def add(self, image: int, features: Tensor, marks: Tensor) -> None:
        self._stored.append((image, features, marks.half().cpu()))

    def __len__(self) -> int:
        return len(self._stored)

    def batches(
        self, count: int, device: torch.device, order: Tensor | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        order_of = range(len(self)) if order is None else order.tolist()
        for group in of_one_shape(order_of, count, lambda number: self._stored[number][2].shape):
            yield self._packed(group, device)

    def _packed(self, numbers: Sequence[int], device: torch.device) -> tuple[Tensor, Tensor]:
        packed = []
        for image, features, marks in (self._stored[number] for number in numbers):
            group = torch.full_like(marks, self.groups[image])
            packed.append(torch.cat([features, marks[None], group[None]]))
        batch = torch.stack(packed).to(device).float().contiguous(memory_format=torch.channels_last)
        return torch.tensor(numbers), batch


@dataclass(slots=True)
class Lessons:
    """examples: to learn from. good: each photo as it is. lit: copies of some with harmless changes.
    probes: copies of the `probed` photos with reserved kinds of damage. complete: whether no photo was
    left out."""

    examples: Examples
    good: list[HeldOutFeatures] = field(default_factory=list)
    lit: list[HeldOutFeatures] = field(default_factory=list)
    probes: list[HeldOutFeatures] = field(default_factory=list)
    probed: set[int] = field(default_factory=set)
    complete: bool = True


class Maker:
    """Makes the lessons from good photos: fold by fold, each by methods that learned from the others.

    methods: a filter bank first; the measures of the others are stored, and nothing learns from them.
    """

    def __init__(self, methods: Sequence[PatchMethod], learned: ImageCache, groups: int) -> None:
        self.methods, self.device = methods, methods[0].device
        self.options, self.sizes = methods[0].options, methods[0].sizes
        options = self.options
        self.room = room(options.size, self.sizes)
        self.photos = some(learned, most_photos(options.size, self.sizes), options.seed)
        count = len(self.photos)
        dealt = datasets.deal(count, groups, options.seed + 1, self.photos.siblings)
        number = {image: group for group, images in enumerate(dealt) for image in images}
        self.lessons = Lessons(Examples([number[image] for image in range(count)]))
        self.cache = FeatureCache()
        self.lessons.complete = count == len(learned)
        self.damage = Damage(options.size, options.seed, self.device)
        self.apart = itertools.cycle(
            (
                Damage(options.size, options.seed + 1, self.device, kinds=apart.KINDS),
                Damage(options.size, options.seed + 1, self.device, kinds=apart.THIN, shapes=masks.thin),
            )
        )
        self.generator = torch.Generator().manual_seed(options.seed)

    def make(self, watch: Watch) -> Lessons:
        count = len(self.photos)
        self._start = watch.seconds
        done = 0
        folds = self.sizes.folds(count)
        for fold in datasets.deal(count, folds, self.options.seed, self.photos.siblings):
            fitted = self._fitted(sorted(set(range(count)) - set(fold)), watch)
            for numbers, images in self.photos.subset(fold).batches(_BATCH, self.device):
                self._add(fitted, [fold[number] for number in numbers.tolist()], images, watch)
                done += len(numbers)
                watch.tell("training", done, count)
        give_back()
        self.lessons.good.sort(key=lambda look: look.image)
        return self.lessons

    def _fitted(self, others: list[int], watch: Watch) -> list[PatchModel]:
        """The methods trained on these photos."""
        photos = self.photos.subset(others)
        fitted = [method.fit_measures(photos, watch.silent()).model for method in self.methods]
        give_back()
        return fitted

    def _add(self, fitted: Sequence[PatchModel], numbers: list[int], images: Tensor, watch: Watch) -> None:
        donors = images.roll(1, dims=0)
        for look in self._features(fitted, numbers, images):
            self.lessons.good.append(look)
            self.lessons.examples.add(look.image, look.features, torch.zeros_like(look.products[0]))
        for copy in range(self._copies()):
            watch.check()
            if copy and watch.share_of_time(self._start) > _TIME:
                break
            damaged, marks = self.damage(images, donors, self.generator, clean=0.0)
            cells = functional.max_pool2d(marks, 8)[:, 0]
            for look, where in zip(self._features(fitted[:1], numbers, damaged), cells, strict=True):
                self.lessons.examples.add(look.image, look.features, where)
        if len(self.lessons.lit) < LIT:
            self.lessons.lit += self._features(fitted, numbers, harmless.mixed(images, self.generator))
        if len(self.lessons.good) <= PROBED:
            self._probe(fitted, numbers, images, donors, watch)

    def _probe(
        self,
        fitted: Sequence[PatchModel],
        numbers: Sequence[int],
        images: Tensor,
        donors: Tensor,
        watch: Watch,
    ) -> None:
        """Add copies with reserved kinds of damage where it is visible."""
        self.lessons.probed.update(numbers)
        probes = min(self.sizes.probes, self.room // 4)
        for copy in range(max(1, round(probes / min(PROBED, len(self.photos))))):
            watch.check()
            if copy and watch.share_of_time(self._start) > _LATE:
                break
            damaged, marks = next(self.apart)(images, donors, self.generator, clean=0.0)
            shares = marks.mean(dim=(1, 2, 3))
            shown = shares > 0
            these = [number for number, seen in zip(numbers, shown.tolist(), strict=True) if seen]
            if these:
                self.lessons.probes += self._features(fitted, these, damaged[shown], shares[shown].tolist())

    def _features(
        self,
        models: Sequence[PatchModel],
        numbers: Sequence[int],
        images: Tensor,
        damaged: Sequence[float] | None = None,
    ) -> list[HeldOutFeatures]:
        """Features of images [N, 3, H, W]."""
        features, products = seen_by(models, images)
        kept, sizes = self.cache.put(features), damaged or [0.0] * len(numbers)
        each = zip(numbers, kept, products.cpu().unbind(), sizes, strict=True)
        return [
            HeldOutFeatures(number, feature, product.clone(), size) for number, feature, product, size in each
        ]

    def _copies(self) -> int:
        """Damaged copies per photo, limited by the memory for their features."""
        count = len(self.photos)
        return max(1, min(self.sizes.copies, self.room - count) // count)


def room(size: int, sizes: Sizes) -> int:
    """How many photos' features may be stored, for photos of about size x size pixels."""
    return int(sizes.room // ((size / 8) ** 2 * 2 * (2 * DIMENSIONS + 5)))


def most_photos(size: int, sizes: Sizes) -> int:
    """The maximum number of photos that lessons are made from."""
    return max(LEAST, min(sizes.spared, room(size, sizes) // 2))


def crosses_up_to(size: int, sizes: Sizes) -> int:
    """See `Learner.crosses_up_to`. Where lessons leave photos out, only few photos are worth fits of their
    own."""
    return max(datasets.FEW - 1, most_photos(size, sizes))


def seen_by(models: Sequence[PatchModel], images: Tensor) -> tuple[Tensor, Tensor]:
    """The networks' input, from the first model, [N, C, h, w]; and the product of each model's measures, on
    the grid of the first, [N, models, h, w]."""
    with torch.inference_mode():
        first, *others = features_of([model.extraction for model in models], images)
        factors, described = models[0].measured(first)
        # Whitened differences are a few units; an extreme one must not overflow float16.
        features = torch.cat([factors.clamp(min=1e-6).log(), described.clamp(-100, 100)], dim=1)
        each = zip(models[1:], others, strict=True)
        products = [models[0].product(factors), *(one.product(one.measured(its)[0]) for one, its in each)]
        return features, on_one_grid(products)


def on_one_grid(maps: Sequence[Tensor]) -> Tensor:
    """Maps [N, h, w], stacked to [N, maps, h, w] on the grid of the first: the patches of a transformer have
    another stride."""
    grid = (maps[0].shape[1], maps[0].shape[2])
    return torch.stack([on_grid(one[:, None], grid)[:, 0] for one in maps], dim=1)
