"""Where the weights of pretrained networks are, and where they are downloaded from; without torch."""

from __future__ import annotations

import glob
import importlib.util
import os
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlparse

from detection.errors import WeightsMissing
from detection.options import CHOICES
from detection.options.catalogue import TIMM, WELL_KNOWN, backbone_title
from detection.options.table import TABLE

FOLDER_VARIABLE = "INSPECTOR_WEIGHTS_DIR"
# On this machine, downloadable from it now, or neither.
State = Literal["here", "download", "missing"]
_SUFFIXES = (".safetensors", ".pth", ".pt")
_PLACE = "https://download.pytorch.org/models"
# Those of torchvision, the first version of each network.
URLS = {
    "resnet18": f"{_PLACE}/resnet18-f37072fd.pth",
    "resnet50": f"{_PLACE}/resnet50-0676ba61.pth",
    "wide_resnet50_2": f"{_PLACE}/wide_resnet50_2-95faca4d.pth",
    "mobilenet_v2": f"{_PLACE}/mobilenet_v2-b0353104.pth",
}


def locate(name: str, path: str = "") -> Path | None:
    """The file with a backbone's weights on this machine; None if it would have to be downloaded.

    Raises WeightsMissing if a file that was named does not exist.
    """
    if path:
        if not Path(path).is_file():
            raise WeightsMissing(
                f"There is no file {path}. Give the file with the weights of {backbone_title(name)}."
            )
        return Path(path)
    folder = os.environ.get(FOLDER_VARIABLE, "")
    if folder:
        files = sorted(Path(folder).glob(f"{glob.escape(name)}*"))
        here = [p for p in files if p.suffix in _SUFFIXES and _is_of(str(p.relative_to(folder)), name)]
        if here:
            return here[0]
    file = _downloaded(name) if name.startswith(TIMM) else kept(name)
    return file if file and file.is_file() else None


def _is_of(file: str, name: str) -> bool:
    """Whether a file is named after a network. timm/resnet18d and timm/resnet18_gn are others than
    timm/resnet18."""
    after = file[len(name) :][:1]
    return file.startswith(name) and not (after.isalnum() or (after == "_" and name.startswith(TIMM)))


def kept(name: str) -> Path:
    """Where torchvision stores what it downloads."""
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    home = Path(os.environ.get("TORCH_HOME", f"{cache}/torch")).expanduser()
    return home / "hub" / "checkpoints" / Path(urlparse(URLS[name]).path).name


def states(*, ask: bool = True) -> dict[str, State]:
    """How the weights of each network can be obtained here. ask: whether to ask the servers about missing
    ones.

    Where timm is installed, with its well-known networks and those whose weights are here; under TIMM itself
    how those of any other network can be.
    """
    timm = (TIMM, *WELL_KNOWN, *_lying()) if _has_timm() else ()
    urls = {name: URLS.get(name) or _hub(name) for name in (*CHOICES["backbone"], *timm)}
    here = {name: name != TIMM and locate(name) is not None for name in urls}
    hosts = {urlparse(url).hostname: url for name, url in urls.items() if not here[name]}
    answers = {host: ask and url != "" and _answers(url) for host, url in hosts.items()}
    return {
        name: "here" if here[name] else "download" if answers[urlparse(url).hostname] else "missing"
        for name, url in urls.items()
    }


def state_of(name: str, known: Mapping[str, State]) -> State:
    """That of a network among `states`, which do not list all of timm's."""
    if name in known or not name.startswith(TIMM):
        return known.get(name, "missing")
    lies = any(state == "here" and _is_of(one, name) for one, state in known.items())
    return "here" if lies else known.get(TIMM, "missing")


def _has_timm() -> bool:
    return importlib.util.find_spec("timm") is not None


def _lying() -> list[str]:
    """timm's networks whose weights are on this machine, by the names of files and of what was downloaded."""
    from huggingface_hub import constants

    folder = os.environ.get(FOLDER_VARIABLE, "")
    files = sorted(Path(folder, TIMM).glob("*")) if folder else []
    # What follows a “-” is the file's own: no name has one.
    names = [TIMM + file.stem.partition("-")[0] for file in files if file.suffix in _SUFFIXES]
    downloads = sorted(Path(constants.HF_HUB_CACHE).glob("models--timm--*"))
    names += [TIMM + one.name.removeprefix("models--timm--") for one in downloads]
    takes = next(option.takes for option in TABLE if option.name == "backbone")
    return [name for name in names if takes(name) and locate(name)]


def _downloaded(name: str) -> Path | None:
    """Where timm's hub stores what it downloads, if it was."""
    if not _has_timm():
        return None
    from huggingface_hub import try_to_load_from_cache  # comes with timm, and needs no torch

    file = try_to_load_from_cache(name, "model.safetensors")
    return Path(file) if isinstance(file, str) else None


def _hub(name: str) -> str:
    """What timm downloads; "" where that was forbidden."""
    from huggingface_hub import constants, hf_hub_url

    name = next(iter(WELL_KNOWN)) if name == TIMM else name
    return "" if constants.HF_HUB_OFFLINE else hf_hub_url(name, "model.safetensors")


def head(url: str, seconds: float) -> None:
    """Ask only whether a file is there. Raises OSError or ValueError if it is not."""
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310
    with urllib.request.urlopen(request, timeout=seconds):  # noqa: S310
        pass


def way_out(name: str, *, folder: str = "") -> str:
    """What to do about missing weights, as half a sentence that follows “either”.

    folder: the value of FOLDER_VARIABLE on that machine.
    """
    place = f"the folder {folder}" if folder else f"a folder that {FOLDER_VARIABLE} names"
    if name.startswith(TIMM):
        return (
            "allow access to the hub that timm downloads from; or download the network's model.safetensors "
            f"elsewhere and save it as {name}.safetensors in {place}"
        )
    host = urlparse(URLS[name]).hostname
    return f"allow access to {host}; or download {URLS[name]} elsewhere and save the file in {place}"


def _answers(url: str, seconds: float = 3.0) -> bool:
    try:
        head(url, seconds)
    except (OSError, ValueError):
        return False
    return True
