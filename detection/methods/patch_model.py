"""The model of the patch methods: three measures of each patch, and their product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from detection.errors import BadArtifact
from detection.methods.base import Compared, Judged, Model, under
from detection.methods.extractors import Extractor, OnFilters
from detection.methods.feature_maps import Border, Features, joined
from detection.methods.traced import Traced, TracedFeatures
from detection.networks.engine import Engine
from detection.networks.filterbank import FilterBank
from detection.normality.axes import Axes
from detection.normality.bank import PatchBank
from detection.normality.level import NOTHING, Level
from detection.normality.place import Grid, PlaceModel, on_grid
from detection.verdicts.scoring import topk_error

# What a draft compares with the whole bank: every sixth place, and the tenth of all with the largest
# products, ten times what makes the score.
_EVERY, _MOST = 6, 10

if TYPE_CHECKING:
    from detection.methods.patches import PatchMethod


@dataclass(frozen=True, eq=False)
class Extraction:
    """How feature maps of photos are computed. border: see `smooth`."""

    extractor: Extractor
    border: Border

    @property
    def filters(self) -> FilterBank | None:
        """The fixed filters that compute them; None for a backbone."""
        return self.extractor.network if isinstance(self.extractor, OnFilters) else None

    def features(self, images: Tensor) -> Features:
        """[N, 3, H, W] in 0..1 -> fine and coarse patches [N, C, h, w] and [N, D, i, j], by the extractor's
        strides."""
        return self.extractor.patches(images, self.border)

    def cut_for(self, other: Extraction, features: Features) -> Features | None:
        """The features of another extraction, if they are among these."""
        if not self.filters or not other.filters or other.border != self.border:
            return None
        if other.filters.lines == self.filters.lines:
            return features
        if other.filters.lines != "none":
            return None
        return FilterBank.without_lines(features[0]), FilterBank.without_lines(features[1])

    def pack(self) -> dict[str, Tensor]:
        inside = torch.tensor(int(self.border == "inside"))
        return under("extractor.", self.extractor.pack()) | {"border.inside": inside}


def features_of(extractions: Sequence[Extraction], images: Tensor) -> list[Features]:
    """The features of each. Filters with lines include those without: they are applied once."""
    lined = next((one for one in extractions if one.filters and one.filters.lines != "none"), None)
    if lined is None:
        return [one.features(images) for one in extractions]
    every = lined.features(images)
    return [lined.cut_for(one, every) or one.features(images) for one in extractions]


@dataclass(frozen=True, eq=False)
class PatchAxes:
    """The principal axes of fine and coarse features together; and of each alone, if banks are on axes."""

    together: Axes
    fine: Axes | None = None
    coarse: Axes | None = None

    def both(self, features: Features) -> Tensor:
        """Both on their common axes: [N, D, H, W]."""
        return self.together.project(joined(*features))

    def banked(self, features: Features) -> Features:
        """As stored in the banks."""
        if self.fine is None or self.coarse is None:
            return features
        return self.fine.project(features[0]), self.coarse.project(features[1])

    def pack(self) -> dict[str, Tensor]:
        every = {"axes": self.together, "fine_axes": self.fine, "coarse_axes": self.coarse}
        kept: dict[str, Tensor] = {}
        for name, axes in every.items():
            if axes is not None:
                kept |= {f"{name}.mean": axes.mean, f"{name}.axes": axes.axes}
        return kept

    @classmethod
    def unpack(cls, tensors: dict[str, Tensor], *, own: bool) -> PatchAxes:
        """own: whether each kind of features has axes of its own. Raises BadArtifact."""
        names = ("axes", "fine_axes", "coarse_axes") if own else ("axes",)
        try:
            return cls(*(Axes(tensors[f"{name}.mean"], tensors[f"{name}.axes"]) for name in names))
        except KeyError as error:
            raise BadArtifact(f"The weights contain no {error}.") from error


@dataclass(frozen=True, eq=False)
class PatchModel(Model):
    """Three factors, and their product as the anomaly map:

    - the distance of a fine patch (stride 8, or of an earlier block of a transformer) from the nearest good
      one anywhere on the part, divided by the distances between good ones there;
    - the same for coarse patches (stride 16, or of the last block);
    - the distance of both together from what is usual at their place.

    The first two as in PatchCore (Roth et al. 2022), the third as in PaDiM (Defard et al. 2021). What all
    three find suspicious stands out; what only one of them does, does not. Where parts lie at any angle
    (`turns`), the places of two photos cannot be compared, and the third is left out.
    """

    method: PatchMethod
    extraction: Extraction
    axes: PatchAxes
    fine: PatchBank
    coarse: PatchBank
    places: PlaceModel
    level: Level = NOTHING

    @property
    def strides(self) -> tuple[int, int]:
        """Pixels from one fine, and from one coarse patch to the next."""
        return self.extraction.extractor.strides

    def judge(self, images: Tensor) -> Judged:
        with torch.inference_mode():
            return self.judged(self.look(images)[0], (images.shape[2], images.shape[3]))

    def judged(self, measures: Tensor, shape: Grid) -> Judged:
        """The result from the measures [N, 3, h, w] of photos of this height and width."""
        maps = on_grid(self.level.even(self.product(measures))[:, None], shape)[:, 0]
        return Judged(topk_error(maps), maps)

    def look(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The three measures [N, 3, h, w], and what they are computed from, [N, 2 D, h, w], both as fine as
        the fine patches: the whitened difference from the usual at that place, and the features on their
        axes."""
        return self.measured(self.extraction.features(images))

    def measured(self, features: Features) -> tuple[Tensor, Tensor]:
        """The same of feature maps."""
        grid = (features[0].shape[2], features[0].shape[3])
        near, far = self.axes.banked(features)
        projected = self.axes.both(features)
        residuals = self.places.residuals(projected)
        coarse_map = on_grid(self.coarse.distances(far)[:, None], grid)[:, 0]
        factors = (self.fine.distances(near), coarse_map, self.places.lengths(residuals, grid))
        return torch.stack(factors, dim=1), torch.cat([on_grid(residuals, grid), projected], dim=1)

    def compared(self, images: Tensor) -> tuple[Compared, ...]:
        with torch.inference_mode():
            patches = self.axes.banked(self.extraction.features(images))
        named = zip(("fine", "coarse"), (self.fine, self.coarse), patches, self.strides, strict=True)
        return tuple(Compared(self.name, *one) for one in named)

    def traced(self) -> Traced:
        def score(maps: tuple[Tensor, ...], shape: Grid) -> Tensor:
            return self.judged(self.measured((maps[0], maps[1]))[0], shape).scores

        return TracedFeatures(self.extraction.features, score, ("fine", "coarse"))

    def draft(self, images: Tensor) -> Judged:
        """Compares fine patches with a part of the bank; with all of it only where that gives the largest
        products, which make the score, and at every sixth place, which gives the level. The map is as fine as
        these patches."""
        with torch.inference_mode():
            features = self.extraction.features(images)
            near, far = self.axes.banked(features)
            grid = (near.shape[2], near.shape[3])
            fine = self.fine.roughly(near)
            coarse = on_grid(self.coarse.distances(far)[:, None], grid)[:, 0]
            usual = self.places.lengths(self.places.residuals(self.axes.both(features)), grid)
            rest = self.product(torch.stack([torch.ones_like(fine), coarse, usual], dim=1))
            few = torch.arange(0, fine[0].numel(), _EVERY, device=fine.device).expand(len(fine), -1)
            most = (fine * rest).flatten(1).topk(fine[0].numel() // _MOST + 1, dim=1).indices
            places = torch.cat([few, most], dim=1)
            fine.flatten(1).scatter_(1, places, self.fine.at(near, places))
            maps = fine * rest
            maps = self.level.even(maps, maps.flatten(1).gather(1, few))
            return Judged(topk_error(maps), maps)

    def product(self, measures: Tensor) -> Tensor:
        """The product of the three measures [N, 3, h, w]: the map [N, h, w] before levelling."""
        return measures[:, :2].prod(dim=1) if self.geometry.turns.any_angle else measures.prod(dim=1)

    def engines(self) -> dict[str, Engine]:
        return self.extraction.extractor.engines()

    def pack(self) -> dict[str, Tensor]:
        return {
            **self.extraction.pack(),
            **self.fine.pack("fine."),
            **self.coarse.pack("coarse."),
            **self.axes.pack(),
            **under("places.", self.places.pack()),
            "level": self.level.tensor(),
        }
