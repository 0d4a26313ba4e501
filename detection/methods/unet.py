"""`unet`: a UNet autoencoder that learned to draw good parts; what it cannot draw is suspect."""

from __future__ import annotations

import torch
from torch import Tensor

from detection.errors import BadArtifact
from detection.learning import fitting
from detection.learning.outcome import Fitted
from detection.learning.progress import Watch
from detection.methods.base import Judged, Method
from detection.networks.engine import Engine
from detection.networks.unet import UNet
from detection.photos.image_cache import ImageCache
from detection.types import TrainOptions
from detection.verdicts.scoring import squared_error, topk_error


class UNetMethod(Method):
    """Anomaly map: squared reconstruction error; score: the mean of the largest 1 % of it."""

    name = "unet"

    def __init__(self, options: TrainOptions, device: torch.device) -> None:
        super().__init__(options, device)
        with torch.random.fork_rng(devices=[]):  # the caller's random numbers are not ours to turn
            torch.manual_seed(options.seed)
            network = UNet(options.width)
        self.network: UNet = network.to(device).to(memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
        self.engine = Engine(self.network)

    def fit(self, learned: ImageCache, held_back: ImageCache, watch: Watch) -> Fitted:
        return fitting.fit(self.network, learned, held_back, self.options, self.device, watch)

    def judge(self, images: Tensor) -> Judged:
        with torch.inference_mode():
            # The network's output is linear; no photo is blacker than black or whiter than white.
            drawn = self.engine(images).clamp(0, 1)
            maps = squared_error(images, drawn)
            return Judged(topk_error(maps), maps, drawn)

    def engines(self) -> dict[str, Engine]:
        return {"network": self.engine}

    def tensors(self) -> dict[str, Tensor]:
        return dict(self.network.state_dict())

    def restore(self, tensors: dict[str, Tensor]) -> None:
        try:
            self.network.load_state_dict(tensors)
        except RuntimeError as error:
            raise BadArtifact(f"The weights do not fit a UNet of width {self.options.width}.") from error
