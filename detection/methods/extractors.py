"""The sources of feature maps: a pretrained backbone, or fixed filters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn

from detection.errors import BadArtifact
from detection.methods.feature_maps import Border, Features, smooth
from detection.networks import weights
from detection.networks.backbones import Backbone
from detection.networks.engine import Engine
from detection.networks.filterbank import FilterBank, Lines
from detection.types import TrainOptions

# Pixels that a processor computes at once: intermediate results then fit into its caches, which is faster
# (filters by a quarter, resnet18 by a tenth, against 8 photos of 320 px) and takes less memory.
_PIXELS = 2 * 320**2
# By the number that runs store.
_LINES: tuple[Lines, ...] = ("none", "oriented", "pooled")
# Three feature maps, from fine to coarse (a method may do without the first).
Stages = tuple[Tensor | None, Tensor, Tensor]


def at_once(images: Tensor) -> tuple[Tensor, ...]:
    """The images in parts that are computed at once."""
    if images.device.type != "cpu":
        return (images,)
    return torch.split(images, max(1, _PIXELS // (images.shape[2] * images.shape[3])))


class Extractor(ABC):
    """Images [N, 3, H, W] in 0..1 -> feature maps of rising stride, or of rising depth. Nothing in it is
    trained.

    network: what computes the fine and the coarse map, as its last two outputs.
    """

    network: nn.Module

    @property
    def strides(self) -> tuple[int, int]:
        """Pixels from one fine, and from one coarse patch to the next."""
        return 8, 16

    @classmethod
    @abstractmethod
    def begin(cls, options: TrainOptions, device: torch.device) -> tuple[Self, dict[str, Any]]:
        """A new extractor, and what to record about it in config.json. Raises WeightsMissing."""

    @classmethod
    @abstractmethod
    def unpack(cls, options: TrainOptions, device: torch.device, tensors: dict[str, Tensor]) -> Self:
        """The reverse of `pack`. Raises BadArtifact."""

    @abstractmethod
    def pack(self) -> dict[str, Tensor]:
        """What a run has to store to extract the same features again."""

    def __call__(self, images: Tensor) -> Stages:
        first, fine, coarse = zip(*(self._look(some) for some in at_once(images)), strict=True)
        kept = [one for one in first if one is not None]
        return torch.cat(kept) if kept else None, torch.cat(fine), torch.cat(coarse)

    @abstractmethod
    def _look(self, images: Tensor) -> Stages: ...

    def patches(self, images: Tensor, border: Border) -> Features:
        """Fine and coarse patches as they are compared: averaged with their neighbours (`smooth`)."""
        _, fine, coarse = self(images)
        return smooth(fine, border), smooth(coarse, border)

    def engines(self) -> dict[str, Engine]:
        """See Model.engines."""
        return {}


@dataclass(frozen=True, eq=False)
class OnBackbone(Extractor):
    """A pretrained network. Its weights are stored with the run, so that no others can be used by mistake."""

    network: Backbone
    engine: Engine
    device: torch.device

    @property
    def strides(self) -> tuple[int, int]:
        return self.network.strides[1:]

    def patches(self, images: Tensor, border: Border) -> Features:
        """Tokens are compared as they are: each has seen its neighbours already."""
        if not self.network.tokens:
            return super().patches(images, border)
        _, fine, coarse = self(images)
        return fine, coarse

    @classmethod
    def of(cls, network: Backbone, device: torch.device) -> Self:
        moved = network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return cls(moved, Engine(moved), device)

    @classmethod
    def begin(cls, options: TrainOptions, device: torch.device) -> tuple[Self, dict[str, Any]]:
        network, file = weights.backbone(options.backbone, options.weights)
        used = {"backbone": options.backbone, "weights": file.file, "weights_sha256": file.sha256}
        return cls.of(network, device), used

    @classmethod
    def unpack(cls, options: TrainOptions, device: torch.device, tensors: dict[str, Tensor]) -> Self:
        network = Backbone(options.backbone)
        try:
            network.network.load_state_dict(tensors)
        except RuntimeError as error:
            raise BadArtifact(f"The weights do not fit a {options.backbone}.") from error
        return cls.of(network, device)

    def pack(self) -> dict[str, Tensor]:
        return dict(self.network.network.state_dict())

    def _look(self, images: Tensor) -> Stages:
        with torch.autocast(self.device.type, torch.float16, enabled=self.device.type == "cuda"):
            stages: tuple[Tensor, Tensor, Tensor] = self.engine(images)
        return stages[0].float(), stages[1].float(), stages[2].float()

    def engines(self) -> dict[str, Engine]:
        return {"backbone": self.engine}


@dataclass(frozen=True, eq=False)
class OnFilters(Extractor):
    """Fixed filters: no weights are needed, and only the set of filters is stored."""

    network: FilterBank
    lines: ClassVar[Lines] = "oriented"

    @classmethod
    def begin(cls, options: TrainOptions, device: torch.device) -> tuple[Self, dict[str, Any]]:
        return cls(FilterBank(cls.lines).to(device)), {}

    @classmethod
    def unpack(cls, options: TrainOptions, device: torch.device, tensors: dict[str, Tensor]) -> Self:
        """Runs from before the line filters do not mention them, and have none."""
        if tensors.keys() - {"lines"}:
            raise BadArtifact("The weights contain a network that this method does not have.")
        number = int(tensors.get("lines", torch.tensor(0)))
        if not 0 <= number < len(_LINES):
            raise BadArtifact(f"The weights are of filters that are not known here (number {number}).")
        return cls(FilterBank(_LINES[number]).to(device))

    def pack(self) -> dict[str, Tensor]:
        return {"lines": torch.tensor(_LINES.index(self.network.lines))}

    def _look(self, images: Tensor) -> Stages:
        fine, coarse = self.network(images)
        return None, fine, coarse


class OnPlainFilters(OnFilters):
    """Without the line filters."""

    lines = "none"


class OnPooledFilters(OnFilters):
    """For parts at any angle."""

    lines = "pooled"
