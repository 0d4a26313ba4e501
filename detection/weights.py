"""A backbone's weights: a file that was named, a folder of files, or torchvision's own, downloaded once."""

from __future__ import annotations

import os
import pickle
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlparse

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from torchvision import models

from detection.catalogue import TIMM
from detection.datasets import sha256
from detection.errors import WeightsMissing
from detection.networks.backbones import Backbone, timm_model

FOLDER_VARIABLE = "INSPECTOR_WEIGHTS_DIR"
_SUFFIXES = (".safetensors", ".pth", ".pt")
_SECONDS_TO_ANSWER = 10


@dataclass(frozen=True, slots=True)
class Weights:
    """file: its name. sha256: of the whole file, what a run records."""

    tensors: dict[str, Tensor]
    file: str
    sha256: str


def backbone(name: str, path: str = "") -> tuple[Backbone, Weights]:
    """The network with its weights in it. Raises WeightsMissing, which says the ways out."""
    network = Backbone(name)
    file = locate(name, path) or _download(name)
    tensors = _read(file)
    wanted = network.network.state_dict()
    missing = sorted(
        key
        for key, value in wanted.items()
        if not key.endswith("num_batches_tracked")
        and (key not in tensors or tensors[key].shape != value.shape)
    )
    if missing:
        raise WeightsMissing(
            f"{file.name} holds no weights of {name}: {missing[0]} is missing or of another shape."
        )
    network.network.load_state_dict({key: tensors[key] for key in wanted if key in tensors}, strict=False)
    return network, Weights(tensors, file.name, sha256(file))


def locate(name: str, path: str = "") -> Path | None:
    """The file with a backbone's weights on this machine; None where it would have to be downloaded.

    Raises WeightsMissing where a named file is not there.
    """
    if path:
        if not Path(path).is_file():
            raise WeightsMissing(f"There is no file {path}. Name the file with the weights of {name}.")
        return Path(path)
    folder = os.environ.get(FOLDER_VARIABLE, "")
    if folder:
        here = [p for p in sorted(Path(folder).glob(f"{name}*")) if p.suffix in _SUFFIXES]
        if here:
            return here[0]
    if name.startswith(TIMM):
        return None  # its library looks itself whether it has downloaded them
    kept = _kept(name)
    return kept if kept.is_file() else None


def _url(name: str) -> str:
    """Where torchvision has its weights."""
    return str(models.get_model_weights(name)["IMAGENET1K_V1"].url)


def _kept(name: str) -> Path:
    """Where torchvision keeps what it has downloaded."""
    return Path(torch.hub.get_dir()) / "checkpoints" / Path(urlparse(_url(name)).path).name


def _download(name: str) -> Path:
    try:
        return _of_timm(name) if name.startswith(TIMM) else _of_torchvision(name)
    except (OSError, RuntimeError, ValueError) as error:
        raise WeightsMissing(
            f"The weights of {name} are not on this machine and could not be downloaded ({error}). "
            f"Either {_way_out(name)}; or name the file with --weights; or choose the method filterbank, "
            "which needs none."
        ) from error


def _way_out(name: str) -> str:
    if name.startswith(TIMM):
        return (
            "let it reach the hub that timm downloads from; or download the network's model.safetensors "
            f"elsewhere and put it as {name}.safetensors into a folder that {FOLDER_VARIABLE} names"
        )
    url = _url(name)
    return (
        f"let it reach {urlparse(url).hostname}; or download {url} elsewhere and put the file into a "
        f"folder that {FOLDER_VARIABLE} names"
    )


def _of_torchvision(name: str) -> Path:
    url = _url(name)
    # The download itself would wait for ever where a firewall swallows it.
    urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=_SECONDS_TO_ANSWER)  # noqa: S310
    torch.hub.load_state_dict_from_url(url, check_hash=True, weights_only=True, map_location="cpu")
    return _kept(name)


def _of_timm(name: str) -> Path:
    from huggingface_hub import hf_hub_download  # comes with timm

    where = timm_model(name).pretrained_cfg.get("hf_hub_id")
    if not where:
        raise ValueError("timm knows of no file with them")
    return Path(hf_hub_download(where, "model.safetensors", etag_timeout=_SECONDS_TO_ANSWER))


def _read(file: Path) -> dict[str, Tensor]:
    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        tensors = torch.load(file, map_location="cpu", weights_only=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        raise WeightsMissing(f"{file.name} cannot be read as weights: {error}") from error
    if not isinstance(tensors, dict):
        raise WeightsMissing(f"{file.name} is no state dict: save the network's state_dict() alone.")
    return tensors
