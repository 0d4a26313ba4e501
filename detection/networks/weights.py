"""A backbone's weights: a named file, a file in a folder, or torchvision's own, downloaded once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from detection.errors import WeightsMissing
from detection.faults import raw
from detection.files.digest import sha256
from detection.networks.backbones import Backbone
from detection.networks.from_timm import hub_id, renamed
from detection.options.catalogue import AUTO, TIMM, backbone_title, needs_weights
from detection.options.weight_files import FOLDER_VARIABLE, URLS, head, kept, locate, way_out
from detection.types import TrainOptions

__all__ = ["FOLDER_VARIABLE", "Backbone", "Weights", "backbone", "check", "find", "locate"]
_SECONDS_TO_ANSWER = 10


@dataclass(frozen=True, slots=True)
class Weights:
    """file: its name. sha256: of the whole file, recorded by runs."""

    tensors: dict[str, Tensor]
    file: str
    sha256: str


def backbone(name: str, path: str = "") -> tuple[Backbone, Weights]:
    """The network with its weights. Raises WeightsMissing, which says what to do."""
    network = Backbone(name)
    file = find(name, path)
    tensors = _read(file)
    wanted = network.network.state_dict()
    if _missing(wanted, tensors) and name.startswith(TIMM):
        tensors = renamed(network.network, tensors)
    if missing := _missing(wanted, tensors):
        raise WeightsMissing(
            f"{file.name} does not contain the weights of {name}: {missing[0]} is missing or has another "
            "shape."
        )
    if broken := [key for key in wanted if key in tensors and not _finite(tensors[key])]:
        raise WeightsMissing(
            f"{file.name} cannot be used: {broken[0]} contains values that are not numbers. Replace it."
        )
    network.network.load_state_dict({key: tensors[key] for key in wanted if key in tensors}, strict=False)
    return network, Weights(tensors, file.name, sha256(file))


def _finite(tensor: Tensor) -> bool:
    return bool(torch.isfinite(tensor).all())


def _missing(wanted: dict[str, Tensor], tensors: dict[str, Tensor]) -> list[str]:
    """The names of weights that are not there, or of another shape."""
    return sorted(
        key
        for key, value in wanted.items()
        if not key.endswith("num_batches_tracked")
        and (not isinstance(tensors.get(key), Tensor) or tensors[key].shape != value.shape)
    )


def check(options: TrainOptions) -> None:
    """Before photos are read, which takes minutes: whether the backbone can be used, if it is timm's, and
    whether its weights can be had, if the method needs them. Raises BadOptions, WeightsMissing."""
    needed = needs_weights(options.method)
    if options.backbone.startswith(TIMM) and (needed or options.method == AUTO):
        Backbone(options.backbone)
    if needed:
        find(options.backbone, options.weights)


def find(name: str, path: str = "") -> Path:
    """The file with a backbone's weights, downloaded if necessary. Raises WeightsMissing, which says what
    to do."""
    return locate(name, path) or _download(name)


def _download(name: str) -> Path:
    try:
        return _of_timm(name) if name.startswith(TIMM) else _of_torchvision(name)
    except (OSError, RuntimeError, ValueError) as error:
        raise WeightsMissing(
            f"The weights of {backbone_title(name)} are not on this machine and could not be downloaded. "
            f"Either {way_out(name)}; or give the file with --weights; or choose the method filterbank, "
            "which needs none.",
            details=raw(error),
        ) from error


def _of_torchvision(name: str) -> Path:
    # The download itself would wait forever behind a firewall that drops its packets.
    head(URLS[name], _SECONDS_TO_ANSWER)
    file = kept(name)
    torch.hub.load_state_dict_from_url(
        URLS[name], str(file.parent), check_hash=True, weights_only=True, map_location="cpu"
    )
    return file


def _of_timm(name: str) -> Path:
    from huggingface_hub import hf_hub_download  # comes with timm

    where = hub_id(name)
    if not where:
        raise ValueError("timm lists no file with them")
    return Path(hf_hub_download(where, "model.safetensors", etag_timeout=_SECONDS_TO_ANSWER))


def _read(file: Path) -> dict[str, Tensor]:
    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        tensors = torch.load(file, map_location="cpu", weights_only=True)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # what reads pickles fails in any way on a page saved by mistake
        raise WeightsMissing(
            f"{file.name} cannot be read as weights: it is damaged or contains something else. Replace it.",
            details=raw(error),
        ) from error
    if not isinstance(tensors, dict):
        raise WeightsMissing(f"{file.name} is not a state dict: save only the network's state_dict().")
    return tensors
