"""`patchcore-padim`: patches of a pretrained network, in memory banks that several categories can share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods.base import Model
from detection.methods.extractors import Extractor, OnBackbone
from detection.methods.family import FamilyMethod, GoodPhotos, Shared
from detection.methods.patch_model import Extraction, PatchAxes, PatchModel
from detection.methods.patches import Banks, Measured, PatchMethod, measured
from detection.normality.bank import OF_ANOTHER, PatchBank
from detection.normality.place import PlaceModel
from detection.photos.image_cache import ImageCache


@dataclass(frozen=True, eq=False)
class Own:
    """What is learned of a category together with the banks, but not shared. count: of pictures."""

    axes: PatchAxes
    places: PlaceModel
    count: int


@dataclass(frozen=True, eq=False)
class SharedBanks(Shared):
    """Banks of good patches of several categories. members: the number of the category of each vector. own:
    of each category; none where the banks were read from a run."""

    banks: Banks
    members: tuple[Tensor, Tensor]
    own: tuple[Own, ...] = ()

    def tensors(self) -> dict[str, Tensor]:
        fine, coarse = self.banks
        return {"fine": fine.vectors, "coarse": coarse.vectors}

    def of(self, member: int) -> Banks:
        """As one of the categories has them."""
        fine, coarse = (_of(bank, its == member) for bank, its in zip(self.banks, self.members, strict=True))
        return fine, coarse


class PatchcorePadim(PatchMethod, FamilyMethod):
    """On layer2 and layer3 of a pretrained network, or on two depths of a vision transformer."""

    name = "patchcore-padim"
    extractor_type: ClassVar[type[Extractor]] = OnBackbone
    turns_when_joining: ClassVar[bool] = True
    grows: ClassVar[bool] = True

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Measured:
        if self.joins:
            return self.settle(self.joins, learned, watch)
        return super().fit(learned, held_back, watch)

    def learn(self, photos: Sequence[GoodPhotos], watch: Watch) -> SharedBanks:
        """Banks as large as those of one category, so that a verdict takes no longer; larger ones hardly
        detect more (docs/measurements/families.md). Each category has the same number of vectors: of patches
        that are chosen together, parts that vary much would have nearly all."""
        extractor, used = self.extractor_type.begin(self.options, self.device)
        extraction, count = Extraction(extractor, self.border), len(photos)
        own, banks = [], []
        with torch.inference_mode():
            for one, part in zip(photos, watch.parts(count), strict=True):
                assert isinstance(one.method, PatchcorePadim)
                seen = one.method.see(extraction, one.learned, part, count)
                own.append(Own(seen.axes, seen.sums.model(), seen.sums.count))
                banks.append(seen.banks(self, part, 1 / count))
        (fine, of_fine), (coarse, of_coarse) = (_together(each) for each in zip(*banks, strict=True))
        how = Fitted(summary=used)
        return SharedBanks(extractor, how, (fine, coarse), (of_fine, of_coarse), tuple(own))

    def settle(
        self, shared: Shared, learned: ImageCache, watch: Watch, *, member: int | None = None
    ) -> Measured:
        assert isinstance(shared, SharedBanks)
        extraction, used = Extraction(shared.extractor, self.border), shared.how.summary
        if member is None:
            with torch.inference_mode():
                seen = self.see(extraction, learned, watch)
                own = Own(seen.axes, seen.sums.model(), seen.sums.count)
                fine, coarse = map(_added, seen.banks(self, watch), shared.banks)
        else:
            own, (fine, coarse) = shared.own[member], shared.of(member)
        model = PatchModel(self, extraction, own.axes, fine, coarse, own.places)
        return self.levelled(measured(model, own.count, used), learned, watch)

    def shared(self, model: Model) -> SharedBanks:
        """All patches that it knows, with those of categories that joined."""
        assert isinstance(model, PatchModel)
        fine, coarse = model.fine, model.coarse
        nobody = [torch.zeros(len(one.vectors), dtype=torch.long) for one in (fine, coarse)]
        return SharedBanks(model.extraction.extractor, Fitted(), (fine, coarse), (nobody[0], nobody[1]))


def _of(bank: PatchBank, own: Tensor) -> PatchBank:
    """The same bank; the vectors that are not a category's own are of another."""
    assert bank.origins is not None
    origins = bank.origins.where(own.to(bank.origins.device)[:, None], OF_ANOTHER)
    return PatchBank(bank.vectors, bank.spread, origins)


def _together(banks: Sequence[PatchBank]) -> tuple[PatchBank, Tensor]:
    """One bank, and the number of the bank that each vector is from. They take turns: the first vectors of
    the bank cover all of them, as those of each one do (`PatchBank.roughly`)."""
    members = torch.cat([torch.full((len(one.vectors),), number) for number, one in enumerate(banks)])
    turn = torch.cat([torch.arange(len(one.vectors)) for one in banks])
    order = turn.argsort(stable=True)
    vectors = torch.cat([one.vectors for one in banks])
    origins = torch.cat([one.origins for one in banks if one.origins is not None])
    bank = PatchBank(vectors[order.to(vectors.device)], origins=origins[order.to(origins.device)])
    return bank, members[order]


def _added(own: PatchBank, others: PatchBank) -> PatchBank:
    """A category's own vectors, then those of others."""
    assert own.origins is not None
    of_others = own.origins.new_full((len(others.vectors), own.origins.shape[1]), OF_ANOTHER)
    return PatchBank(torch.cat([own.vectors, others.vectors]), origins=torch.cat([own.origins, of_others]))
