"""`diffusion`: learns to remove noise from photos of good parts; what it does not restore is suspicious."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel

from detection.errors import BadArtifact
from detection.learning import annealing
from detection.learning.progress import Watch
from detection.methods.base import Judged, Method, Model, Taught
from detection.methods.feature_maps import BATCH, some, usual_grid
from detection.networks.denoiser import HIGHEST, Denoiser, Repair, mixed, noise
from detection.networks.engine import Engine
from detection.normality.usual import UsualDistances, usual
from detection.photos.image_cache import ImageCache, InTurn
from detection.verdicts.likeness import colour_distances, gradient_distances
from detection.verdicts.scoring import topk_error

# Each step keeps this share of the average of the weights, and less of it at first.
_AVERAGED = 0.995
# Maximum number of pixels of the repairs that are made and compared at once.
_PIXELS = 64 * 128 * 128
# Side of a place of `UsualDistances`, px.
_STRIDE = 2


@dataclass(frozen=True, eq=False)
class DiffusionModel(Model):
    """Anomaly map: how far a photo's distances from its repairs, in edges and in colour, exceed what is usual
    at that place; score: the mean of the largest 1 % of it. Reconstruction: the mean of the repairs."""

    engine: Engine
    edges: UsualDistances
    colours: UsualDistances

    @property
    def denoiser(self) -> Denoiser:
        return cast(Repair, self.engine.network).denoiser

    def judge(self, images: Tensor) -> Judged:
        with torch.inference_mode():
            parts = zip(*compared(self.engine, images), strict=True)
            repairs, edges, colours = (torch.cat(part) for part in parts)
            maps = self._excess(edges.mean(1), colours.mean(1))
            return Judged(topk_error(maps), maps, repairs.mean(1), self._spread(edges, colours))

    def _excess(self, edges: Tensor, colours: Tensor) -> Tensor:
        return self.edges.excess(edges) + self.colours.excess(colours)

    def _spread(self, edges: Tensor, colours: Tensor) -> Tensor | None:
        """See `Judged.spread`; distances [N, draws, H, W]."""
        draws = edges.shape[1]
        if draws < 2:
            return None
        scores = topk_error(self._excess(edges.flatten(0, 1), colours.flatten(0, 1)))
        return scores.reshape(-1, draws).std(dim=1) / math.sqrt(draws)

    def engines(self) -> dict[str, Engine]:
        return {"network": self.engine}

    def pack(self) -> dict[str, Tensor]:
        return {
            **self.denoiser.state_dict(),
            "usual.edges": self.edges.tensor(),
            "usual.colours": self.colours.tensor(),
        }


class Diffusion(Method):
    """Denoising diffusion (Ho, Jain and Abbeel 2020, arXiv:2006.11239) up to a middle noise level, after
    AnoDDPM (Wyatt et al., CVPRW 2022)."""

    name = "diffusion"
    crops: ClassVar[bool] = True

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Taught:
        network = self._denoiser(normalised=True)
        average = AveragedModel(network, avg_fn=_moving, use_buffers=True)
        photos, loss = InTurn(learned, self.sizes.epoch), NoiseLoss()
        how = annealing.fit(network, photos, held_back, self.options, self.device, watch, loss, average)
        denoiser = cast(Denoiser, average.module)
        denoiser.unet.fold()
        seen = some(learned, self.sizes.epoch, self.options.seed)
        return Taught(self.model(denoiser, seen, watch), how)

    def model(self, denoiser: Denoiser, photos: ImageCache, watch: Watch) -> DiffusionModel:
        """With this network, and what is usual on these good photos."""
        engine = Engine(self._repair(denoiser))
        edges, colours = self._usual(engine, photos, watch)
        return DiffusionModel(self, engine, edges, colours)

    def unpack(self, tensors: dict[str, Tensor]) -> DiffusionModel:
        t = {name: value.to(self.device) for name, value in tensors.items()}
        denoiser = self._denoiser(normalised=False)
        try:
            edges, colours = (UsualDistances.of(t.pop(f"usual.{name}")) for name in ("edges", "colours"))
            denoiser.load_state_dict(t)
        except (RuntimeError, KeyError) as error:
            raise BadArtifact(f"The weights do not fit a denoiser of width {self.options.width}.") from error
        return DiffusionModel(self, Engine(self._repair(denoiser)), edges, colours)

    def _denoiser(self, *, normalised: bool) -> Denoiser:
        with torch.random.fork_rng(devices=[]):  # leaves the caller's random numbers unchanged
            torch.manual_seed(self.options.seed)
            network = Denoiser(self.options.width, normalised=normalised)
        moved: Denoiser = network.to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return moved

    def _repair(self, denoiser: Denoiser) -> Repair:
        """With noise that depends on the seed alone: verdicts are repeatable."""
        options = self.options
        drawn = noise(options.draws, options.size, torch.Generator().manual_seed(options.seed))
        return Repair(denoiser, drawn, options.noise_level, options.ddim_steps).to(self.device).eval()

    def _usual(self, engine: Engine, photos: ImageCache, watch: Watch) -> list[UsualDistances]:
        """Those of edges, and those of colours."""
        grid, each = usual_grid(photos, self.sizes.places, _STRIDE), list[tuple[Tensor, Tensor]]()
        with torch.inference_mode():
            for _, images in photos.batches(BATCH, self.device):
                watch.check()
                each += [(edges.mean(1), colours.mean(1)) for _, edges, colours in compared(engine, images)]
        return [usual(maps, grid) for maps in zip(*each, strict=True)]


def _moving(average: Tensor, weights: Tensor, steps: int | Tensor) -> Tensor:
    """The exponential moving average of weights after this many steps."""
    kept = min(_AVERAGED, (1 + int(steps)) / (10 + int(steps)))
    return average + (weights - average) * (1 - kept)


class NoiseLoss:
    """Squared error of the velocity at random noise levels, of photos [N, 3, H, W] in 0..1."""

    def __call__(self, network: nn.Module, images: Tensor, generator: torch.Generator) -> Tensor:
        count, size = len(images), images.shape[2]
        # One level from each part of the range: the loss varies less from step to step.
        drawn = (torch.arange(count) + torch.rand(count, generator=generator)) / count
        levels = (HIGHEST * drawn).to(images.device)[:, None, None, None]
        other = noise(count, size, generator).to(images.device)
        noisy, velocity = mixed(2 * images - 1, other, levels)
        return functional.mse_loss(network(noisy, levels).float(), velocity)


def compared(engine: Engine, images: Tensor) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """The repairs [n, draws, 3, H, W] of images [N, 3, H, W] in 0..1, some at a time, and their distances
    from each repair in edges and in colour, [n, draws, H, W]."""
    draws = cast(Repair, engine.network).drawn.shape[1]
    at_once = max(1, _PIXELS // (draws * images.shape[2] * images.shape[3]))
    for group in torch.split(images, at_once):
        repairs: Tensor = engine(group)
        same, each = group[:, None].expand_as(repairs).flatten(0, 1), repairs.flatten(0, 1)
        edges, colours = gradient_distances(same, each), colour_distances(same, each)
        yield repairs, edges.unflatten(0, (-1, draws)), colours.unflatten(0, (-1, draws))  # type: ignore[no-untyped-call]
