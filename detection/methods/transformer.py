"""`transformer`: reconstructs the features of good photos; what it cannot reconstruct is suspicious."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar
from weakref import WeakValueDictionary

import torch
from torch import Tensor, nn

from detection.errors import BadArtifact
from detection.learning import annealing
from detection.learning.memory import give_back
from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods import tokens
from detection.methods.base import Judged, Model, Taught, under, within
from detection.methods.extractors import Extractor, OnBackbone, OnPlainFilters, at_once
from detection.methods.family import FamilyMethod, GoodPhotos, Shared, digest
from detection.methods.feature_maps import BATCH, Features, some, usual_grid
from detection.methods.tokens import Scale, TokenCache
from detection.methods.traced import Traced, TracedFeatures
from detection.networks.engine import Engine
from detection.networks.token_decoder import TokenDecoder
from detection.normality.place import Grid, on_grid
from detection.normality.turns import AS_IS, Turn, turned
from detection.normality.usual import UsualDistances, usual
from detection.photos.image_cache import Batches, ImageCache, InTurn
from detection.verdicts.scoring import topk_error

# Share of the progress after which the tokens are stored.
_STORED = 0.1


class Reconstruction(nn.Module):
    """Images [N, 3, H, W] in 0..1 -> the distances of fine and coarse patches from their reconstruction,
    [N, s h, s w] and [N, h, w]: see `Scale.distances`. features: `Extractor.network`."""

    def __init__(self, features: nn.Module, scale: Scale, decoder: TokenDecoder) -> None:
        super().__init__()
        self.features, self.scale, self.decoder = features, scale, decoder

    def forward(self, images: Tensor) -> Features:
        with torch.autocast(images.device.type, torch.float16, enabled=images.device.type == "cuda"):
            *_, fine, coarse = self.features(images)
        return self.distances(fine.float(), coarse.float())

    def distances(self, fine: Tensor, coarse: Tensor) -> Features:
        """Of feature maps."""
        wanted = self.scale(fine, coarse)
        return self.scale.distances(wanted, self.decoder(wanted))


@dataclass(frozen=True, eq=False)
class SharedNetwork(Shared):
    network: Reconstruction

    def tensors(self) -> dict[str, Tensor]:
        return self.network.state_dict()


# What models in use have learned together, by its content: it is in memory once for a family.
_in_memory: WeakValueDictionary[str, SharedNetwork] = WeakValueDictionary()


@dataclass(frozen=True, eq=False)
class TransformerModel(Model):
    """Anomaly map: how far 1 - cosine of each fine patch and its reconstruction exceeds what is usual at that
    place, plus the same of coarse patches; score: the mean of the largest 1 % of it."""

    shared: SharedNetwork
    engine: Engine
    fine: UsualDistances
    coarse: UsualDistances

    @property
    def extractor(self) -> Extractor:
        return self.shared.extractor

    @property
    def reconstruction(self) -> Reconstruction:
        return self.shared.network

    def judge(self, images: Tensor) -> Judged:
        with torch.inference_mode():
            fine, coarse = zip(*(self.engine(some) for some in at_once(images)), strict=True)
            return self.judged(torch.cat(fine), torch.cat(coarse), (images.shape[2], images.shape[3]))

    def judged(self, fine: Tensor, coarse: Tensor, shape: Grid) -> Judged:
        near, far = self.fine.excess(fine)[:, None], self.coarse.excess(coarse)[:, None]
        maps = on_grid(near + on_grid(far, (near.shape[2], near.shape[3])), shape)[:, 0]
        return Judged(topk_error(maps), maps)

    def traced(self) -> Traced:
        def features(images: Tensor) -> Features:
            _, fine, coarse = self.extractor(images)
            return fine, coarse

        def score(maps: tuple[Tensor, ...], shape: Grid) -> Tensor:
            return self.judged(*self.reconstruction.distances(maps[0], maps[1]), shape).scores

        return TracedFeatures(features, score, ("fine", "coarse"))

    def engines(self) -> dict[str, Engine]:
        return {"network": self.engine}

    def pack(self) -> dict[str, Tensor]:
        return {
            **under("extractor.", self.extractor.pack()),
            **under("scale.", self.reconstruction.scale.state_dict()),
            **under("decoder.", self.reconstruction.decoder.state_dict()),
            "usual.fine": self.fine.tensor(),
            "usual.coarse": self.coarse.tensor(),
        }


class Transformer(FamilyMethod):
    """On two maps of a pretrained network. After UniAD (You et al., NeurIPS 2022, arXiv:2206.03687)
    and Dinomaly (Guo et al., CVPR 2025, arXiv:2405.14325)."""

    name = "transformer"
    keeps_aspect: ClassVar[bool] = True
    crops: ClassVar[bool] = True
    turns_photos: ClassVar[bool] = True
    extractor_type: ClassVar[type[Extractor]] = OnBackbone

    def learn(self, photos: Sequence[GoodPhotos], watch: Watch) -> SharedNetwork:
        extractor, used = self.extractor_type.begin(self.options, self.device)
        first = [some(one.learned, tokens.FIRST_LOOK, self.options.seed) for one in photos]
        with torch.inference_mode():
            scale = Scale.of(extractor, first, self.device, watch)
            room, parts = self.sizes.room // len(photos), watch.part(0, _STORED).parts(len(photos))
            learned = [
                self._stored(extractor, scale, one.learned, one.method.geometry.turns.copies, part, room)
                for one, part in zip(photos, parts, strict=True)
            ]
            others = [
                self._stored(extractor, scale, one.held_back, (), watch.silent(), room // 4) for one in photos
            ]
        epoch, kept = self.sizes.epoch * len(photos), _in_turn(learned)
        held_back = TokenCache([one for each in others for one in each])
        decoder, how = self._taught(scale, InTurn(TokenCache(kept), epoch), held_back, watch.part(_STORED, 1))
        give_back()
        summary = {**used, **how.summary, "photos": sum(map(len, learned))}
        network = Reconstruction(extractor.network, scale, decoder)
        return SharedNetwork(extractor, Fitted(how.history, summary), network)

    def settle(
        self, shared: Shared, learned: ImageCache, watch: Watch, *, member: int | None = None
    ) -> Taught:
        assert isinstance(shared, SharedNetwork)
        network = shared.network
        any_angle = self.geometry.turns.any_angle
        grid = (1, 1) if any_angle else usual_grid(learned, self.sizes.places, shared.extractor.strides[0])
        known = self._distances(network, learned, watch)
        fine, coarse = _usual(known.values(), grid)
        model = TransformerModel(self, shared, Engine(network), fine, coarse)
        give_back()
        return Taught(model, shared.how, None if member is not None else _LeaveOneOut(model, grid, known))

    def _distances(
        self, network: Reconstruction, learned: ImageCache, watch: Watch
    ) -> dict[int, list[Features]]:
        """Of photos, by their number, and of their turned copies; of some photos where there are many."""
        turns = (AS_IS, *self.geometry.turns.copies)
        most = max(1, self.sizes.epoch // len(turns))
        order = torch.randperm(len(learned), generator=torch.Generator().manual_seed(self.options.seed))
        distances: dict[int, list[Features]] = {}
        with torch.inference_mode():
            for numbers, images in learned.batches(BATCH, self.device, order[:most].sort().values):
                watch.check()
                each = [_at_once(network, turned(images, turn)) for turn in turns]
                for place, number in enumerate(numbers.tolist()):
                    distances[number] = [(fine[place, None], coarse[place, None]) for fine, coarse in each]
        return distances

    def shared(self, model: Model) -> SharedNetwork:
        assert isinstance(model, TransformerModel)
        return model.shared

    def unpack(self, tensors: dict[str, Tensor]) -> TransformerModel:
        t = {name: value.to(self.device) for name, value in tensors.items()}
        common = {name: value for name, value in t.items() if not name.startswith("usual.")}
        options = self.options
        name = f"{digest(common)} {options.backbone} {options.width} {self.device}"
        shared = _in_memory.get(name) or self._read(common)
        _in_memory[name] = shared
        try:
            places = [UsualDistances.of(t[f"usual.{one}"]) for one in ("fine", "coarse")]
        except KeyError as error:
            raise BadArtifact("The weights do not say what is usual at each place.") from error
        return TransformerModel(self, shared, Engine(shared.network), *places)

    def _read(self, t: dict[str, Tensor]) -> SharedNetwork:
        extractor = self.extractor_type.unpack(self.options, self.device, within(t, "extractor."))
        side = extractor.strides[1] // extractor.strides[0]
        try:
            scale = Scale(len(t["scale.fine_mean"]), len(t["scale.coarse_mean"]), side)
            decoder = TokenDecoder(scale.inputs, self.options.width)
            scale.load_state_dict(within(t, "scale."))
            decoder.load_state_dict(within(t, "decoder."))
        except (RuntimeError, KeyError) as error:
            raise BadArtifact(f"The weights do not fit a decoder of width {self.options.width}.") from error
        network = Reconstruction(extractor.network, scale, decoder).to(self.device).eval()
        return SharedNetwork(extractor, Fitted(), network)

    def _stored(
        self,
        extractor: Extractor,
        scale: Scale,
        photos: ImageCache,
        copies: Sequence[Turn],
        watch: Watch,
        room: int,
    ) -> list[Tensor]:
        seed = self.options.seed
        return tokens.store(extractor, scale, photos, self.device, watch, room=room, seed=seed, copies=copies)

    def _taught(
        self, scale: Scale, photos: Batches, held_back: Batches, watch: Watch
    ) -> tuple[TokenDecoder, Fitted]:
        devices = [self.device] if self.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices):  # leaves the caller's random numbers unchanged
            torch.manual_seed(self.options.seed)
            decoder = TokenDecoder(scale.inputs, self.options.width).to(self.device)
            loss = Loss(scale)
            how = annealing.fit(decoder, photos, held_back, self.options, self.device, watch, loss)
        return decoder, how


def _in_turn(stored: Sequence[Sequence[Tensor]]) -> list[Tensor]:
    """One of each category after the other: categories with many photos do not outweigh others."""
    longest = max(map(len, stored))
    return [each[number % len(each)] for number in range(longest) for each in stored]


def _at_once(network: Reconstruction, images: Tensor) -> Features:
    fine, coarse = zip(*(network(some) for some in at_once(images)), strict=True)
    return torch.cat(fine), torch.cat(coarse)


def _usual(distances: Iterable[list[Features]], grid: Grid) -> list[UsualDistances]:
    """Of fine and of coarse patches."""
    every = [one for each in distances for one in each]
    return [usual(maps, grid) for maps in zip(*every, strict=True)]


@dataclass(frozen=True, eq=False)
class _LeaveOneOut:
    """For photos that the network has not learned from: of each, only what is usual at a place must not
    know it. known: the distances that say what is usual."""

    model: TransformerModel
    grid: Grid
    known: dict[int, list[Features]]

    def scores(self, learned: ImageCache, watch: Watch) -> list[float]:
        scores = []
        with torch.inference_mode():
            for number in range(len(learned)):
                watch.check()
                score = self._without if number in self.known else self._new
                scores.append(score(number, learned))
        return scores

    def _without(self, number: int, learned: ImageCache) -> float:
        others = (each for one, each in self.known.items() if one != number)
        fine, coarse = _usual(others, self.grid)
        own = replace(self.model, fine=fine, coarse=coarse)
        return float(own.judged(*self.known[number][0], learned.shapes[number]).scores)

    def _new(self, number: int, learned: ImageCache) -> float:
        return float(self.model.judge(learned.batch(torch.tensor([number]), self.model.device)).scores)


class TransformerFilterbank(Transformer):
    """On fixed filters: needs no weights."""

    name = "transformer-filterbank"
    extractor_type = OnPlainFilters


class Loss:
    """1 - cosine of tokens and their reconstruction, fine and coarse."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale

    def __call__(self, network: nn.Module, batch: Tensor, generator: torch.Generator) -> Tensor:
        drawn = network(batch).float()
        fine, coarse = self.scale.distances(batch, drawn)
        return fine.mean() + coarse.mean()
