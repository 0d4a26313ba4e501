"""Where the weights of pretrained networks are, and where they are downloaded from; without torch."""

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
        here = [p for p in sorted(Path(folder).glob(f"{name}*")) if p.suffix in _SUFFIXES]
        if here:
            return here[0]
    if name.startswith(TIMM):
        return None  # timm itself checks whether it has downloaded them
    file = kept(name)
    return file if file.is_file() else None


def kept(name: str) -> Path:
    """Where torchvision stores what it downloads."""
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    home = Path(os.environ.get("TORCH_HOME", f"{cache}/torch")).expanduser()
    return home / "hub" / "checkpoints" / Path(urlparse(URLS[name]).path).name


def states(names: Iterable[str] = CHOICES["backbone"], *, ask: bool = True) -> dict[str, State]:
    """How the weights of each network can be obtained here. ask: whether to ask the servers about missing
    ones."""
    here = {name: locate(name) is not None for name in names}
    hosts = {urlparse(URLS[name]).hostname: URLS[name] for name, is_here in here.items() if not is_here}
    answers = {host: ask and _answers(url) for host, url in hosts.items()}
    return {
        name: "here" if is_here else "download" if answers[urlparse(URLS[name]).hostname] else "missing"
        for name, is_here in here.items()
    }


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
