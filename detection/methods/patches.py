"""`patchcore-padim` and `filterbank`: how usual is each patch of a photo, by three measures at once."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from detection.damage import harmless
from detection.errors import BadArtifact
from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods.base import Judged, Method
from detection.methods.extractors import Extractor, OnBackbone, OnFilters
from detection.networks.engine import Engine
from detection.normality import leave_out, level
from detection.normality.axes import Axes
from detection.normality.bank import PatchBank
from detection.normality.leave_out import BankWithout
from detection.normality.level import Level
from detection.normality.place import Grid, PlaceModel, PlaceSums, on_grid
from detection.normality.sampling import PROJECTED, PatchSample, coreset
from detection.normality.turns import AS_IS, turned
from detection.photos.image_cache import ImageCache
from detection.types import TrainOptions
from detection.verdicts.scoring import plain, topk_error

# Vectors in the banks of fine and coarse patches, and the sample that each is chosen from.
FINE, COARSE = 5000, 4000
SAMPLE = 250_000
# Axes of the Gaussians, and how many patches of how many images show where the axes lie.
DIMENSIONS = 64
SHOWN = 30_000
# The most places with a Gaussian of their own: those of photos of 512 px, 70 MB. It bounds the memory that
# larger photos take, whose single patches the banks look at all the same.
PLACES = 64 * 64
FIRST_LOOK = 64
BATCH = 8
Features = tuple[Tensor, Tensor]
# What the mean over 3 x 3 patches is at the border of a photo; see `smooth`.
Border = Literal["inside", "zeros", "fewer"]
# The banks of fine and coarse patches.
Without = tuple[BankWithout, BankWithout]


class PatchMethod(Method):
    """Three factors, and their product as the anomaly map:

    - how far a fine patch (stride 8) is from the nearest good one, wherever on the part that was, by
      how far good ones lie apart there;
    - the same for coarse patches (stride 16);
    - how far both together are from what is usual at their place.

    The first two as in PatchCore (Roth et al. 2022), the third as in PaDiM (Defard et al. 2021). What
    all three find suspect stands out; what one of them dislikes does not. Where parts lie at any angle
    (`turns`), no place of a photo is like that of another, and the third is left out.
    """

    keeps_aspect: ClassVar[bool] = True
    crops: ClassVar[bool] = True
    cross_fits: ClassVar[bool] = True
    turns_photos: ClassVar[bool] = True
    leaves_one_out: ClassVar[bool] = True
    extractor_type: ClassVar[type[Extractor]]
    # Whether the banks are on principal axes: hand-made features differ in strength, learned ones do not.
    on_axes: ClassVar[bool] = False

    def __init__(self, options: TrainOptions, device: torch.device) -> None:
        super().__init__(options, device)
        self.extractor = self.extractor_type(options, device)
        # Runs from before 29 November 2026 took the mean of what there is; nothing in them says so.
        self.border: Border = "inside"
        # For `unlearned`, after `fit`: the banks with which photo each of their vectors is of, and how many
        # photos and turned copies the Gaussians are of.
        self.learned_from: tuple[tuple[PatchBank, Tensor], ...] = ()
        self.learned_places = 0
        self.level = Level()

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Fitted:
        fitted = self.fit_measures(learned, watch)
        with torch.inference_mode():
            self.level = self._find_level(learned, watch)
        return fitted

    def fit_measures(self, learned: ImageCache, watch: Watch) -> Fitted:
        """Learn all but how scores follow a photo's level: for those who only want the measures."""
        used = self.extractor.begin()
        with torch.inference_mode():
            self._fit(learned, watch)
        sizes = {"fine_vectors": len(self.fine.vectors), "coarse_vectors": len(self.coarse.vectors)}
        return Fitted(summary={**used, **sizes})

    def judge(self, images: Tensor) -> Judged:
        with torch.inference_mode():
            return self.judged(self.look(images)[0], (images.shape[2], images.shape[3]))

    def judged(self, measures: Tensor, shape: Grid) -> Judged:
        """What the measures [N, 3, h, w] of photos of this height and width come to."""
        maps = on_grid(self.level.even(self.product(measures))[:, None], shape)[:, 0]
        return Judged(topk_error(maps), maps)

    def unlearned(self, learned: ImageCache, watch: Watch) -> Iterator[tuple[int, Tensor]]:
        """Each photo that `fit` learned from: its number, and its measures [3, h, w] as if it had not."""
        banks = self._banks_without()
        for numbers, images in learned.batches(1, self.device):
            watch.check()
            number = int(numbers[0])
            with torch.inference_mode():  # and not around what the caller does meanwhile
                measures = self._unlearned(images, number, banks)[0]
            yield number, measures

    def _banks_without(self) -> Without:
        fine, coarse = (BankWithout(bank, owners) for bank, owners in self.learned_from)
        return fine, coarse

    def _unlearned(self, images: Tensor, number: int, banks: Without) -> Tensor:
        """The measures [M, 3, h, w] of a photo [M, 3, H, W], first as it was learned from and then changed,
        as if it had not been."""
        features = self.features(images)
        near, far = self._banked(*features)
        grid = (near.shape[2], near.shape[3])
        close = banks[0].distances(near, number)
        far_off = on_grid(banks[1].distances(far, number)[:, None], grid)[:, 0]
        if self.turns.any_angle:  # places have no say
            return torch.stack([close, far_off, torch.ones_like(close)], dim=1)
        shown = self._residuals(features)
        copies = [self._residuals(self.features(turned(images[:1], turn))) for turn in self.turns.copies]
        usual = leave_out.lengths_of(shown, torch.cat([shown[:1], *copies]), self.learned_places)
        return torch.stack([close, far_off, on_grid(usual[:, None], grid)[:, 0]], dim=1)

    def _residuals(self, features: Features) -> Tensor:
        return self.places.residuals(self.axes.project(joined(*features)))

    def _find_level(self, learned: ImageCache, watch: Watch) -> Level:
        """From harmless copies of some photos, as if these had not been learned from."""
        draw = torch.Generator().manual_seed(self.options.seed)
        banks, every = self._banks_without(), []
        for number in level.drawn(len(learned), draw):
            watch.check()
            images = learned.batch(torch.tensor([number]), self.device)
            copies = harmless.mixed(images.repeat(level.COPIES, 1, 1, 1), draw)
            measures = self._unlearned(torch.cat([images, copies]), number, banks)
            every.append(level.shown(self.product(measures)))
        return level.learn(torch.stack(every)) if every else Level()

    def look(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The three measures [N, 3, h, w], and what they are of, [N, 2 D, h, w] with h, w = H/8, W/8:
        the whitened difference from the usual at that place, and the features on their axes."""
        fine, coarse = self.features(images)
        grid = (fine.shape[2], fine.shape[3])
        near, far = self._banked(fine, coarse)
        projected = self.axes.project(joined(fine, coarse))
        residuals = self.places.residuals(projected)
        coarse_map = on_grid(self.coarse.distances(far)[:, None], grid)[:, 0]
        factors = (self.fine.distances(near), coarse_map, self.places.lengths(residuals, grid))
        return torch.stack(factors, dim=1), torch.cat([on_grid(residuals, grid), projected], dim=1)

    def product(self, measures: Tensor) -> Tensor:
        """What the three measures [N, 3, h, w] say together, [N, h, w]: the map before it is levelled."""
        return measures[:, :2].prod(dim=1) if self.turns.any_angle else measures.prod(dim=1)

    def features(self, images: Tensor) -> Features:
        """[N, 3, H, W] in 0..1 -> smoothed feature maps [N, C, H/8, W/8] and [N, D, H/16, W/16]."""
        _, fine, coarse = self.extractor(images)
        return smooth(fine, self.border), smooth(coarse, self.border)

    def crossed_scores(self, learned: ImageCache, watch: Watch) -> list[float] | None:
        found = [0.0] * len(learned)
        for done, (number, measures) in enumerate(self.unlearned(learned, watch), 1):
            height, width = learned.shapes[number]
            found[number] = plain(self.judged(measures[None], (height, width)).scores)[0]
            watch.tell("training", done, len(learned))
        return found

    def engines(self) -> dict[str, Engine]:
        return self.extractor.engines()

    def tensors(self) -> dict[str, Tensor]:
        return {
            **{f"extractor.{name}": value for name, value in self.extractor.tensors().items()},
            "fine.vectors": self.fine.vectors,
            "fine.spread": self.fine.spread,
            "coarse.vectors": self.coarse.vectors,
            "coarse.spread": self.coarse.spread,
            **{f"{name}.{key}": value for name, axes in self._axes().items() for key, value in axes.items()},
            "border.inside": torch.tensor(int(self.border == "inside")),
            "places.grid": torch.tensor(self.places.grid),
            "places.mean": self.places.mean,
            "places.whitening": self.places.whitening,
            "level": self.level.tensor(),
        }

    def restore(self, tensors: dict[str, Tensor]) -> None:
        t = {name: value.to(self.device) for name, value in tensors.items()}
        self.extractor.restore(within(t, "extractor."))
        self.border = "inside" if t.get("border.inside", 0) else "fewer"
        self.level = Level.of(t.get("level"))
        try:
            self.fine = PatchBank(t["fine.vectors"], t["fine.spread"])
            self.coarse = PatchBank(t["coarse.vectors"], t["coarse.spread"])
            self.axes = Axes(t["axes.mean"], t["axes.axes"])
            if self.on_axes:
                self.fine_axes = Axes(t["fine_axes.mean"], t["fine_axes.axes"])
                self.coarse_axes = Axes(t["coarse_axes.mean"], t["coarse_axes.axes"])
            height, width = t["places.grid"].tolist()
            self.places = PlaceModel((height, width), t["places.mean"], t["places.whitening"])
        except KeyError as error:
            raise BadArtifact(f"The weights contain no {error}.") from error

    def _fit(self, learned: ImageCache, watch: Watch) -> None:
        self._find_axes(learned, watch)
        copies = 1 + len(self.turns.copies)
        fine = PatchSample(SAMPLE, copies * patches(learned, 8), self.options.seed)
        coarse = PatchSample(SAMPLE, copies * patches(learned, 16), self.options.seed)
        sums = PlaceSums(usual_grid(learned), self.axes.count, self.device)
        for numbers, one, other in self._each(learned, watch):
            near, far = self._banked(one, other)
            fine.add(near, numbers)
            coarse.add(far, numbers)
            sums.add(self.axes.project(joined(one, other)))
        self.places, self.learned_places = sums.model(), sums.count
        self.fine, of_fine = bank(fine, FINE, self.options.seed, watch)
        self.coarse, of_coarse = bank(coarse, COARSE, self.options.seed, watch)
        self.learned_from = (self.fine, of_fine), (self.coarse, of_coarse)

    def _axes(self) -> dict[str, dict[str, Tensor]]:
        every = {"axes": self.axes}
        if self.on_axes:
            every |= {"fine_axes": self.fine_axes, "coarse_axes": self.coarse_axes}
        return {name: {"mean": axes.mean, "axes": axes.axes} for name, axes in every.items()}

    def _banked(self, fine: Tensor, coarse: Tensor) -> Features:
        """As the banks hold them."""
        if self.on_axes:
            return self.fine_axes.project(fine), self.coarse_axes.project(coarse)
        return fine, coarse

    def _find_axes(self, learned: ImageCache, watch: Watch) -> None:
        """From some images, before the pass over all of them: so no feature map has to be kept."""
        first = some(learned, FIRST_LOOK, self.options.seed)
        sample = PatchSample(SHOWN, patches(first, 8), self.options.seed)
        every = itertools.cycle((AS_IS, *self.turns.copies))
        for _, images in first.batches(BATCH if not self.turns.copies else 1, self.device):
            watch.check()
            fine, coarse = self.features(turned(images, next(every)))
            sample.add(joined(fine, coarse))
        vectors, width = sample.vectors(), fine.shape[1]
        self.axes = Axes.of(vectors, DIMENSIONS)
        if self.on_axes:
            self.fine_axes = Axes.of(vectors[:, :width], DIMENSIONS)
            self.coarse_axes = Axes.of(vectors[:, width:], DIMENSIONS)

    def _each(self, cache: ImageCache, watch: Watch) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """The numbers of photos, and their features."""
        done = 0
        for numbers, images in cache.batches(BATCH, self.device):
            yield numbers, *self.features(images)
            for turn in self.turns.copies:
                watch.check()
                yield numbers, *self.features(turned(images, turn))
            done += len(numbers)
            watch.tell("training", done, len(cache))


class PatchcorePadim(PatchMethod):
    """On layer2 and layer3 of a pretrained network."""

    name = "patchcore-padim"
    extractor_type = OnBackbone


class FilterbankMethod(PatchMethod):
    """On fixed filters: colours, edges and lines. Needs no weights."""

    name = "filterbank"
    extractor_type = OnFilters
    on_axes = True


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


def usual_grid(cache: ImageCache) -> Grid:
    """Of the fine patches: the middle one of the images' heights, and of their widths; coarser where that
    is more than PLACES."""
    heights, widths = zip(*cache.shapes, strict=True)
    middle = len(heights) // 2
    height, width = sorted(heights)[middle] / 8, sorted(widths)[middle] / 8
    share = min(1.0, math.sqrt(PLACES / (height * width)))
    return max(1, int(height * share)), max(1, int(width * share))


def within(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Those whose names begin with the prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
