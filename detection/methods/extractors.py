"""Where feature maps come from: a pretrained backbone, or fixed filters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor

from detection.errors import BadArtifact
from detection.networks import weights
from detection.networks.backbones import Backbone
from detection.networks.engine import Engine
from detection.networks.filterbank import FilterBank
from detection.types import TrainOptions

# A processor looks at so many pixels at once, about: what lies between the layers stays small and near, which
# is faster (filters by a quarter, resnet18 by a tenth, against 8 photos of 320 px) and takes less memory.
_PIXELS = 2 * 320**2
# Feature maps of strides 4, 8 and 16 (a method may do without the first).
Stages = tuple[Tensor | None, Tensor, Tensor]


class Extractor(ABC):
    """Images [N, 3, H, W] in 0..1 -> feature maps of rising stride. Nothing in it is trained."""

    def __init__(self, options: TrainOptions, device: torch.device) -> None:
        self.options = options
        self.device = device

    @abstractmethod
    def begin(self) -> dict[str, Any]:
        """Get ready to learn a category, and say for config.json with what. Raises WeightsMissing."""

    def __call__(self, images: Tensor) -> Stages:
        if images.device.type != "cpu":
            return self._look(images)
        count = max(1, _PIXELS // (images.shape[2] * images.shape[3]))
        first, fine, coarse = zip(*(self._look(some) for some in torch.split(images, count)), strict=True)
        kept = [one for one in first if one is not None]
        return torch.cat(kept) if kept else None, torch.cat(fine), torch.cat(coarse)

    @abstractmethod
    def _look(self, images: Tensor) -> Stages: ...

    def engines(self) -> dict[str, Engine]:
        """See Method.engines."""
        return {}

    def tensors(self) -> dict[str, Tensor]:
        """What a run has to keep to extract the same again."""
        return {}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Take up what `tensors` gave. Raises BadArtifact."""
        if tensors:
            raise BadArtifact("The weights contain a network that this method does not have.")


class OnBackbone(Extractor):
    """A pretrained network. Its weights become part of the run, so that none is used with others."""

    network: Backbone
    engine: Engine

    def begin(self) -> dict[str, Any]:
        network, found = weights.backbone(self.options.backbone, self.options.weights)
        self._take(network)
        return {"backbone": self.options.backbone, "weights": found.file, "weights_sha256": found.sha256}

    def _look(self, images: Tensor) -> Stages:
        with torch.autocast(self.device.type, torch.float16, enabled=self.device.type == "cuda"):
            stages: tuple[Tensor, Tensor, Tensor] = self.engine(images)
        return stages[0].float(), stages[1].float(), stages[2].float()

    def engines(self) -> dict[str, Engine]:
        return {"backbone": self.engine}

    def tensors(self) -> dict[str, Tensor]:
        return dict(self.network.network.state_dict())

    def restore(self, tensors: dict[str, Tensor]) -> None:
        network = Backbone(self.options.backbone)
        try:
            network.network.load_state_dict(tensors)
        except RuntimeError as error:
            raise BadArtifact(f"The weights do not fit a {self.options.backbone}.") from error
        self._take(network)

    def _take(self, network: Backbone) -> None:
        self.network = network.to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.engine = Engine(self.network)


class OnFilters(Extractor):
    """Fixed filters: nothing to find, and nothing to keep but which there are."""

    def __init__(self, options: TrainOptions, device: torch.device) -> None:
        super().__init__(options, device)
        self.network = FilterBank().to(device)

    def begin(self) -> dict[str, Any]:
        return {}

    def _look(self, images: Tensor) -> Stages:
        fine, coarse = self.network(images)
        return None, fine, coarse

    def tensors(self) -> dict[str, Tensor]:
        return {"lines": torch.tensor(int(self.network.lines))}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Runs from before there were filters for lines say nothing of them, and have none."""
        kept = dict(tensors)
        lines = bool(kept.pop("lines", torch.tensor(0)))
        super().restore(kept)
        if lines != self.network.lines:
            self.network = FilterBank(lines).to(self.device)
