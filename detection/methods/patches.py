"""How usual each patch of a photo is, by three measures; and `filterbank`, by fixed filters."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import torch
from torch import Tensor

from detection.damage import harmless
from detection.errors import BadArtifact
from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods.base import Method, Taught, within
from detection.methods.extractors import Extractor, OnFilters, OnPlainFilters, OnPooledFilters
from detection.methods.feature_maps import BATCH, Border, Features, bank, joined, patches, some, usual_grid
from detection.methods.leave_one_out import PatchLeaveOneOut
from detection.methods.patch_model import Extraction, PatchAxes, PatchModel
from detection.normality.axes import Axes
from detection.normality.bank import PatchBank
from detection.normality.level import Level
from detection.normality.place import PlaceModel, PlaceSums
from detection.normality.sampling import ROOM, PatchSample
from detection.normality.turns import AS_IS, turned
from detection.photos.image_cache import ImageCache

# Number of axes of the Gaussians; and how many patches of how many images determine the axes.
DIMENSIONS = 64
SHOWN = 30_000
FIRST_LOOK = 64
# Copies of each photo in other light, with the option `light`; and what they have for the number of a turned
# copy.
LIT, IN_OTHER_LIGHT = 3, -1
# Of fine and of coarse patches.
Banks = tuple[PatchBank, PatchBank]


@dataclass(frozen=True)
class Measured(Taught):
    """What a patch method learned, and its leave-one-out."""

    model: PatchModel
    leave_one_out: PatchLeaveOneOut


@dataclass(frozen=True, eq=False)
class Seen:
    """What a pass over a category's photos leaves: some of their patches, and what is usual at each place."""

    axes: PatchAxes
    fine: PatchSample
    coarse: PatchSample
    sums: PlaceSums

    def banks(self, method: PatchMethod, watch: Watch, share: float = 1.0) -> Banks:
        """That cover the patches best. share: of the method's size."""
        seed, sizes = method.options.seed, method.sizes
        fine = bank(self.fine, round(share * sizes.fine), seed, watch)
        return fine, bank(self.coarse, round(share * sizes.coarse), seed, watch)


def measured(model: PatchModel, count: int, used: dict[str, Any]) -> Measured:
    """count: of the pictures that its Gaussians are computed from. used: what to record of the extractor."""
    sizes = {"fine_vectors": len(model.fine.vectors), "coarse_vectors": len(model.coarse.vectors)}
    return Measured(model, Fitted(summary={**used, **sizes}), PatchLeaveOneOut.of(model, count))


class PatchMethod(Method):
    """A bank of fine patches, one of coarse patches, and a Gaussian for each place: see `PatchModel`."""

    keeps_aspect: ClassVar[bool] = True
    crops: ClassVar[bool] = True
    cross_fits: ClassVar[bool] = True
    turns_photos: ClassVar[bool] = True
    leaves_one_out: ClassVar[bool] = True
    extractor_type: ClassVar[type[Extractor]]
    # Another one for parts at any angle.
    any_angle_type: ClassVar[type[Extractor] | None] = None
    # Whether the banks are on principal axes: hand-made features differ in strength, learned ones do not.
    on_axes: ClassVar[bool] = False
    border: ClassVar[Border] = "inside"
    # Whether the banks may hold copies in other light: only where that was measured to cost next to nothing.
    lights_photos: ClassVar[bool] = False

    @property
    def lit(self) -> int:
        """How many copies in other light are learned from, of each photo."""
        return LIT if self.lights_photos and self.options.light == "on" else 0

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Measured:
        return self.levelled(self.fit_measures(learned, watch), learned, watch)

    def levelled(self, measured: Measured, learned: ImageCache, watch: Watch) -> Measured:
        """With how scores follow a photo's level."""
        with torch.inference_mode():
            level = measured.leave_one_out.level(learned, watch)
        model = replace(measured.model, level=level)
        return replace(measured, model=model, leave_one_out=replace(measured.leave_one_out, model=model))

    def of(self, taught: Measured) -> Measured:
        """The same result, as learned by this method: one of the same kind with other options."""
        model = replace(taught.model, method=self)
        return replace(taught, model=model, leave_one_out=replace(taught.leave_one_out, model=model))

    def fit_measures(self, learned: ImageCache, watch: Watch) -> Measured:
        """Learn everything except how scores follow a photo's level: for callers that only need the
        measures."""
        any_angle = self.any_angle_type if self.geometry.turns.any_angle else None
        extractor, used = (any_angle or self.extractor_type).begin(self.options, self.device)
        extraction = Extraction(extractor, self.border)
        with torch.inference_mode():
            seen = self.see(extraction, learned, watch)
            banks = seen.banks(self, watch)
            return measured(
                PatchModel(self, extraction, seen.axes, *banks, seen.sums.model()), seen.sums.count, used
            )

    def unpack(self, tensors: dict[str, Tensor]) -> PatchModel:
        t = {name: value.to(self.device) for name, value in tensors.items()}
        extractor = self.extractor_type.unpack(self.options, self.device, within(t, "extractor."))
        try:
            banks = [
                PatchBank(t[f"{name}.vectors"], t[f"{name}.spread"], t.get(f"{name}.origins"))
                for name in ("fine", "coarse")
            ]
        except KeyError as error:
            raise BadArtifact(f"The weights contain no {error}.") from error
        # Runs from before 29 November 2026 averaged the patches there are; they do not say so.
        extraction = Extraction(extractor, "inside" if t.get("border.inside", 0) else "fewer")
        axes = PatchAxes.unpack(t, own=self.on_axes)
        places = PlaceModel.unpack(t, "places.", self.device)
        return PatchModel(self, extraction, axes, banks[0], banks[1], places, Level.of(t.get("level")))

    def see(self, extraction: Extraction, learned: ImageCache, watch: Watch, shares: int = 1) -> Seen:
        """All photos and their copies. shares: of how many categories there will be samples."""
        seed, strides = self.options.seed, extraction.extractor.strides
        copies, limit = 1 + len(self.geometry.turns.copies) + self.lit, self.sizes.sample // shares
        fine, coarse = (
            PatchSample(limit, copies * patches(learned, stride), seed, room=ROOM // shares)
            for stride in strides
        )
        axes = self._find_axes(extraction, learned, watch)
        grid = usual_grid(learned, self.sizes.places, strides[0])
        sums = PlaceSums(grid, axes.together.count, self.device)
        for numbers, turn, features in self._each(extraction, learned, watch):
            near, far = axes.banked(features)
            # A copy in other light shows the same at the same place as its photo.
            fine.add(near, numbers, max(turn, 0))
            coarse.add(far, numbers, max(turn, 0))
            if turn != IN_OTHER_LIGHT:
                sums.add(axes.both(features))
        return Seen(axes, fine, coarse, sums)

    def _find_axes(self, extraction: Extraction, learned: ImageCache, watch: Watch) -> PatchAxes:
        """From some images, before the pass over all of them, so that no feature map has to be stored."""
        first = some(learned, FIRST_LOOK, self.options.seed)
        sample = PatchSample(SHOWN, patches(first, extraction.extractor.strides[0]), self.options.seed)
        copies = self.geometry.turns.copies
        every = itertools.cycle((AS_IS, *copies))
        for _, images in first.batches(BATCH if not copies else 1, self.device):
            watch.check()
            fine, coarse = extraction.features(turned(images, next(every)))
            sample.add(joined(fine, coarse))
        vectors, width = sample.vectors(), fine.shape[1]
        together = Axes.of(vectors, DIMENSIONS)
        if not self.on_axes:
            return PatchAxes(together)
        own = [Axes.of(these, DIMENSIONS) for these in (vectors[:, :width], vectors[:, width:])]
        return PatchAxes(together, own[0], own[1])

    def _each(
        self, extraction: Extraction, cache: ImageCache, watch: Watch
    ) -> Iterator[tuple[Tensor, int, Features]]:
        """The numbers of photos, the number of the turned copy (0: as they are; or IN_OTHER_LIGHT), and its
        features."""
        done, draw = 0, torch.Generator().manual_seed(self.options.seed)
        for numbers, images in cache.batches(BATCH, self.device):
            yield numbers, 0, extraction.features(images)
            for number, turn in enumerate(self.geometry.turns.copies, 1):
                watch.check()
                yield numbers, number, extraction.features(turned(images, turn))
            for _ in range(self.lit):
                watch.check()
                yield numbers, IN_OTHER_LIGHT, extraction.features(harmless.mixed(images, draw))
            done += len(numbers)
            watch.tell("training", done, len(cache))


class FilterbankMethod(PatchMethod):
    """On fixed filters: colours, edges and lines. Needs no weights."""

    name = "filterbank"
    extractor_type = OnFilters
    any_angle_type: ClassVar[type[Extractor] | None] = OnPooledFilters
    on_axes = True
    lights_photos = True


class PlainFilterbank(FilterbankMethod):
    """Input for networks: without line filters. Synthetic damage has so many lines that a network which
    sees them, if only through the distances in the banks, learns little else (docs/measurements/light.md)."""

    name = "plain-filterbank"
    lights_photos = False
    extractor_type = OnPlainFilters
    any_angle_type = None
