"""`transformer`: reconstructs the features of good photos; what it cannot reconstruct is suspicious."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, cast

import torch
from torch import Tensor, nn

from detection.errors import BadArtifact
from detection.learning import annealing
from detection.learning.memory import give_back
from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods import tokens
from detection.methods.base import Judged, Method, Model, Taught, under, within
from detection.methods.extractors import Extractor, OnBackbone, OnPlainFilters, at_once
from detection.methods.feature_maps import BATCH, Features, some, usual_grid
from detection.methods.tokens import Scale, TokenCache
from detection.methods.traced import Traced, TracedFeatures
from detection.networks.engine import Engine
from detection.networks.token_decoder import TokenDecoder
from detection.normality.place import Grid, on_grid
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
class TransformerModel(Model):
    """Anomaly map: how far 1 - cosine of each fine patch and its reconstruction exceeds what is usual at that
    place, plus the same of coarse patches; score: the mean of the largest 1 % of it."""

    extractor: Extractor
    engine: Engine
    fine: UsualDistances
    coarse: UsualDistances

    @property
    def reconstruction(self) -> Reconstruction:
        return cast(Reconstruction, self.engine.network)

    def judge(self, images: Tensor) -> Judged:
        with torch.inference_mode():
            fine, coarse = zip(*(self.engine(some) for some in at_once(images)), strict=True)
            return self._judged(torch.cat(fine), torch.cat(coarse), (images.shape[2], images.shape[3]))

    def _judged(self, fine: Tensor, coarse: Tensor, shape: Grid) -> Judged:
        near, far = self.fine.excess(fine)[:, None], self.coarse.excess(coarse)[:, None]
        maps = on_grid(near + on_grid(far, (near.shape[2], near.shape[3])), shape)[:, 0]
        return Judged(topk_error(maps), maps)

    def traced(self) -> Traced:
        def features(images: Tensor) -> Features:
            _, fine, coarse = self.extractor(images)
            return fine, coarse

        def score(maps: tuple[Tensor, ...], shape: Grid) -> Tensor:
            return self._judged(*self.reconstruction.distances(maps[0], maps[1]), shape).scores

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


class Transformer(Method):
    """On two maps of a pretrained network. After UniAD (You et al., NeurIPS 2022, arXiv:2206.03687)
    and Dinomaly (Guo et al., CVPR 2025, arXiv:2405.14325)."""

    name = "transformer"
    keeps_aspect: ClassVar[bool] = True
    crops: ClassVar[bool] = True
    turns_photos: ClassVar[bool] = True
    extractor_type: ClassVar[type[Extractor]] = OnBackbone

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Taught:
        extractor, used = self.extractor_type.begin(self.options, self.device)
        seed, room = self.options.seed, self.sizes.room
        with torch.inference_mode():
            scale = Scale.of(extractor, some(learned, tokens.FIRST_LOOK, seed), self.device, watch)
            copies, part = self.geometry.turns.copies, watch.part(0, _STORED)
            photos = tokens.store(
                extractor, scale, learned, self.device, part, room=room, seed=seed, copies=copies
            )
            others = tokens.store(
                extractor, scale, held_back, self.device, watch.silent(), room=room // 4, seed=seed
            )
        caches = InTurn(TokenCache(photos), self.sizes.epoch), TokenCache(others)
        decoder, how = self._taught(scale, *caches, watch.part(_STORED, 1))
        network = Reconstruction(extractor.network, scale, decoder)
        any_angle = self.geometry.turns.any_angle
        grid = (1, 1) if any_angle else usual_grid(learned, self.sizes.places, extractor.strides[0])
        model = TransformerModel(self, extractor, Engine(network), *self._usual(network, grid, photos))
        give_back()
        return Taught(model, Fitted(how.history, {**used, **how.summary, "photos": len(photos)}))

    def unpack(self, tensors: dict[str, Tensor]) -> TransformerModel:
        t = {name: value.to(self.device) for name, value in tensors.items()}
        extractor = self.extractor_type.unpack(self.options, self.device, within(t, "extractor."))
        side = extractor.strides[1] // extractor.strides[0]
        try:
            scale = Scale(len(t["scale.fine_mean"]), len(t["scale.coarse_mean"]), side)
            decoder = TokenDecoder(scale.inputs, self.options.width)
            scale.load_state_dict(within(t, "scale."))
            decoder.load_state_dict(within(t, "decoder."))
            places = [UsualDistances.of(t[f"usual.{name}"]) for name in ("fine", "coarse")]
        except (RuntimeError, KeyError) as error:
            raise BadArtifact(f"The weights do not fit a decoder of width {self.options.width}.") from error
        network = Reconstruction(extractor.network, scale, decoder).to(self.device).eval()
        return TransformerModel(self, extractor, Engine(network), *places)

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

    def _usual(self, network: Reconstruction, grid: Grid, photos: list[Tensor]) -> list[UsualDistances]:
        """Of fine and of coarse patches, from some of the photos that were learned from."""
        each: list[Features] = []
        with torch.inference_mode():
            for _, batch in TokenCache(photos[: self.sizes.epoch]).batches(BATCH, self.device):
                each.append(network.scale.distances(batch, network.decoder(batch)))
        return [usual(maps, grid) for maps in zip(*each, strict=True)]


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
