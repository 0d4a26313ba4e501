"""A run's networks as ONNX files, next to the runs: the run folder itself is sealed by its manifest."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import nn

from detection.errors import BadOptions, CannotWrite
from detection.files import artifact, storage
from detection.files.digest import sha256
from detection.files.run_names import EXPORTS
from detection.methods.base import Model
from detection.runtimes import antialias

INPUT = "images"
OPSET = 17
_DIGITS = 16

log = logging.getLogger(__name__)


def installed() -> bool:
    return find_spec("onnx") is not None


def folder_of(run_dir: Path) -> Path:
    """The folder for the exports of a run: <runs>/_export/<category>/<run>/<sha256 of its manifest, cut
    short>.

    Because of the hash, another run with the same folder name never gets its networks.
    """
    run = run_dir.resolve()
    seal = sha256(run / artifact.MANIFEST)[:_DIGITS]
    return run.parent.parent / EXPORTS / run.parent.name / run.name / seal


def export(model: Model, folder: Path, out: Path | None = None) -> list[Path]:
    """Write the networks of a model, and return the files.

    Input "images", float32 [N, 3, H, W] in 0..1; any N, and any sides that are multiples of 16 if the method
    keeps the aspect ratio. For `unet`, `transformer` and `diffusion` that is everything except the score; for
    methods with a bank the three feature maps of their backbone: banks and maps stay in PyTorch. out: a
    single file instead of those in `folder`. Raises BadOptions if there is no network, or more than one for
    `out`.
    """
    if not installed():
        raise BadOptions("Exporting needs the package onnx: pip install -r requirements-speed.txt.")
    engines = model.engines()
    if not engines:
        raise BadOptions(f"{model.name} has no network to export: fixed filters compute its features.")
    if out is not None and len(engines) > 1:
        raise BadOptions(f"--out names one file, but this run has {len(engines)} networks: omit --out.")
    size = (2, 3, model.options.size, model.options.size)
    written = []
    for name, engine in engines.items():
        path = out or folder / f"{name}.onnx"
        _write(path, to_onnx(engine.network, size, any_sides=model.method.keeps_aspect))
        written.append(path)
    return written


def cached(network: nn.Module, size: Sequence[int], path: Path, *, any_sides: bool) -> bytes:
    """The ONNX file at `path`, created if it does not exist; returned even if it cannot be stored."""
    if path.is_file():
        return path.read_bytes()
    model = to_onnx(network, size, any_sides=any_sides)
    try:
        _write(path, model)
    except (OSError, CannotWrite) as error:
        log.info("The exported network could not be saved: %s", error)
    return model


def to_onnx(network: nn.Module, size: Sequence[int], *, any_sides: bool) -> bytes:
    """The network, traced on images of that size [N, 3, H, W]: for any N, and with `any_sides` any H and
    W."""
    free = {0: "n", 2: "h", 3: "w"} if any_sides else {0: "n"}
    antialias.register(OPSET)
    written = io.BytesIO()
    device = next(network.parameters()).device
    with warnings.catch_warnings(), torch.inference_mode():
        # The tracing exporter is deprecated. It takes a seventh of the time of the new one, and fewer
        # packages; torch is pinned, and the parity tests will fail when it is removed.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (torch.rand(*size, device=device),),
            written,  # type: ignore[arg-type]
            dynamo=False,
            input_names=[INPUT],
            dynamic_axes={INPUT: free},
            opset_version=OPSET,
        )
    return written.getvalue()


def _write(path: Path, content: bytes) -> None:
    storage.make(path.parent)
    storage.write_bytes(path, content)
