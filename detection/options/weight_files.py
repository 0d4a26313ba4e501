"""Where the weights of pretrained networks lie, and where they are downloaded from; told without torch."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Literal
from urllib.parse import urlparse

from detection.errors import WeightsMissing
from detection.options import CHOICES
from detection.options.catalogue import TIMM, backbone_title

FOLDER_VARIABLE = "INSPECTOR_WEIGHTS_DIR"
# Whether weights are on this machine, could be downloaded by it now, or neither.
State = Literal["here", "download", "missing"]
_SUFFIXES = (".safetensors", ".pth", ".pt")
_PLACE = "https://download.pytorch.org/models"
# torchvision's own, the first that it has of each network.
URLS = {
    "resnet18": f"{_PLACE}/resnet18-f37072fd.pth",
    "resnet50": f"{_PLACE}/resnet50-0676ba61.pth",
    "wide_resnet50_2": f"{_PLACE}/wide_resnet50_2-95faca4d.pth",
    "mobilenet_v2": f"{_PLACE}/mobilenet_v2-b0353104.pth",
}


def locate(name: str, path: str = "") -> Path | None:
    """The file with a backbone's weights on this machine; None where it would have to be downloaded.

    Raises WeightsMissing where a named file is not there.
    """
    if path:
        if not Path(path).is_file():
            raise WeightsMissing(
                f"There is no file {path}. Give the file with the weights of {backbone_title(name)}."
            )
        return Path(path)
    folder = os.environ.get(FOLDER_VARIABLE, "")
    if folder:
        here = [p for p in sorted(Path(folder).glob(f"{name}*")) if p.suffix in _SUFFIXES]
        if here:
            return here[0]
    if name.startswith(TIMM):
        return None  # its library looks itself whether it has downloaded them
    file = kept(name)
    return file if file.is_file() else None


def kept(name: str) -> Path:
    """Where torchvision keeps what it has downloaded."""
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    home = Path(os.environ.get("TORCH_HOME", f"{cache}/torch")).expanduser()
    return home / "hub" / "checkpoints" / Path(urlparse(URLS[name]).path).name


def states(names: Iterable[str] = CHOICES["backbone"], *, ask: bool = True) -> dict[str, State]:
    """How each network's weights can be had here. ask: whether to ask the hosts of those that are not."""
    here = {name: locate(name) is not None for name in names}
    hosts = {urlparse(URLS[name]).hostname: URLS[name] for name, found in here.items() if not found}
    answers = {host: ask and _answers(url) for host, url in hosts.items()}
    return {
        name: "here" if found else "download" if answers[urlparse(URLS[name]).hostname] else "missing"
        for name, found in here.items()
    }


def head(url: str, seconds: float) -> None:
    """Ask for nothing but whether it is there. Raises OSError or ValueError where it is not."""
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310
    with urllib.request.urlopen(request, timeout=seconds):  # noqa: S310
        pass


def way_out(name: str, *, folder: str = "") -> str:
    """What to do where a network's weights are missing, as half a sentence that follows “either”.

    folder: what FOLDER_VARIABLE names on that machine.
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
