"""`unet`: a UNet autoencoder trained to reconstruct good parts; what it cannot reconstruct is suspicious."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from detection.errors import BadArtifact
from detection.learning import fitting
from detection.learning.progress import Watch
from detection.methods.base import Judged, Method, Model, Taught
from detection.methods.traced import Traced, TracedNetwork
from detection.networks.engine import Engine
from detection.networks.unet import UNet
from detection.photos.image_cache import ImageCache
from detection.verdicts.scoring import squared_error, topk_error


@dataclass(frozen=True, eq=False)
class UNetModel(Model):
    """Anomaly map: squared reconstruction error; score: the mean of the largest 1 % of it."""

    engine: Engine

    @classmethod
    def of(cls, method: Method, network: UNet) -> Self:
        return cls(method, Engine(network.eval()))

    def judge(self, images: Tensor) -> Judged:
        with torch.inference_mode():
            return self._judged(images, self.engine(images))

    def _judged(self, images: Tensor, output: Tensor) -> Judged:
        # The network's output is linear; photos are never blacker than black or whiter than white.
        drawn = output.clamp(0, 1)
        maps = squared_error(images, drawn)
        return Judged(topk_error(maps), maps, drawn)

    def traced(self) -> Traced:
        return TracedNetwork(self.engine.network, lambda images, output: self._judged(images, output).scores)

    def engines(self) -> dict[str, Engine]:
        return {"network": self.engine}

    def pack(self) -> dict[str, Tensor]:
        return dict(self.engine.network.state_dict())


class UNetMethod(Method):
    """Trains the network until its reconstruction of held-out parts stops improving."""

    name = "unet"

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Taught:
        network = self._network()
        how = fitting.fit(network, learned, held_back, self.options, self.device, watch)
        return Taught(UNetModel.of(self, network), how)

    def unpack(self, tensors: dict[str, Tensor]) -> UNetModel:
        network = self._network()
        try:
            network.load_state_dict(tensors)
        except RuntimeError as error:
            raise BadArtifact(f"The weights do not fit a UNet of width {self.options.width}.") from error
        return UNetModel.of(self, network)

    def _network(self) -> UNet:
        with torch.random.fork_rng(devices=[]):  # leaves the caller's random numbers unchanged
            torch.manual_seed(self.options.seed)
            network = UNet(self.options.width)
        moved: UNet = network.to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return moved
