"""Inference by ONNX Runtime or OpenVINO where one is installed (requirements-speed.txt), else by PyTorch."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from detection.errors import BadOptions
from detection.methods.base import Model
from detection.networks.engine import Run
from detection.runtimes import export

VARIABLE = "INSPECTOR_RUNTIME"
# By name the package that it takes, the fastest first.
RUNTIMES = {"openvino": "openvino", "onnx": "onnxruntime"}
# A runtime is used only where it gives what the network gives, up to this share of the largest value.
TOLERANCE = 1e-3

log = logging.getLogger(__name__)


def choose(name: str, device: torch.device) -> str:
    """torch, onnx or openvino. "auto" is what INSPECTOR_RUNTIME says, else the fastest that is installed.

    A runtime that is not installed, or a GPU (which PyTorch knows best), means torch, and the log says
    so where another was asked for by name. Raises BadOptions for a name there is none of.
    """
    asked = (os.environ.get(VARIABLE) or "auto") if name == "auto" else name
    if asked not in ("auto", "torch", *RUNTIMES):
        raise BadOptions(f'runtime is "{asked}"; choose auto, torch, {" or ".join(RUNTIMES)}.')
    if asked in RUNTIMES and device.type != "cpu":
        log.warning("The runtime %s is for the CPU only; on %s, PyTorch is used.", asked, device.type)
    elif asked in RUNTIMES and not installed(asked):
        log.warning("%s is not installed (requirements-speed.txt): PyTorch is used.", RUNTIMES[asked])
    elif asked == "auto" and device.type == "cpu":
        return next(filter(installed, RUNTIMES), "torch")
    elif asked in RUNTIMES:
        return asked
    return "torch"


def speed_up(model: Model, name: str, cache: Path) -> str:
    """Give the networks of a method that is ready to judge to a runtime. Returns which one computes them now.

    cache: folder for the exported networks. Whatever goes wrong, PyTorch goes on, and the log says why.
    """
    engines = model.engines() if name != "torch" else {}
    try:
        size = (2, 3, model.options.size, model.options.size)
        taken = {
            key: accelerate(
                engine.network, size, name, cache / f"{key}.onnx", any_sides=model.method.keeps_aspect
            )
            for key, engine in engines.items()
        }
    except Exception as error:  # compilers fail in ways of their own, and the network itself is at hand
        log.warning("%s cannot run the network of %s: PyTorch is used. (%s)", name, model.name, error)
        return "torch"
    for key, run in taken.items():
        engines[key].run = run
    return name if taken else "torch"


def accelerate(
    network: nn.Module, size: Sequence[int], name: str, cache: Path, *, any_sides: bool = False
) -> Run:
    """The network, computed by a runtime: [N, 3, H, W] float32 on the CPU, to what the network gives.

    size: of an example, [2, 3, H, W]. cache: the ONNX file, made where it is not there. any_sides:
    whether H and W may differ from the example's. Raises what the runtime raises, and RuntimeError
    where it computes something else than the network: then the file is deleted.
    """
    run = _COMPILERS[name](export.cached(network, size, cache, any_sides=any_sides))
    # Of another shape than the example, so that nothing of the example's can have been frozen in.
    other = (3, 3, size[2], size[3] + 32) if any_sides else (3, *size[1:])
    images = torch.rand(other, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        wanted, found = _tuple(network(images)), _tuple(run(images))
    if not all(_alike(f, w) for f, w in zip(found, wanted, strict=True)):
        cache.unlink(missing_ok=True)
        raise RuntimeError("its results differ from PyTorch's")
    return run


def installed(name: str) -> bool:
    return export.installed() and find_spec(RUNTIMES[name]) is not None


def _tuple(given: Any) -> tuple[Tensor, ...]:
    return given if isinstance(given, tuple) else (given,)


def _alike(found: Tensor, wanted: Tensor) -> bool:
    # Not a number is not alike either.
    return found.shape == wanted.shape and bool(
        (found - wanted).abs().max() <= TOLERANCE * wanted.abs().max()
    )


def _run(compute: Callable[[Any], Sequence[Any]]) -> Run:
    """From arrays to tensors and back. One output is a tensor, several are a tuple."""

    def run(images: Tensor) -> Any:
        found = tuple(torch.from_numpy(one) for one in compute(images.contiguous().numpy()))
        return found if len(found) > 1 else found[0]

    return run


def _onnx(model: bytes) -> Run:
    import onnxruntime  # an extra

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return _run(lambda images: session.run(None, {export.INPUT: images}))


def _openvino(model: bytes) -> Run:
    import openvino  # an extra

    settings = {
        # Left alone it computes in bfloat16 where the processor can, and scores move by more than 1e-3.
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        "PERFORMANCE_HINT": "LATENCY",
    }
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(model), "CPU", settings)
    # One request computes one batch: two threads must not share it at once.
    request, lock = compiled.create_infer_request(), threading.Lock()

    def compute(images: Any) -> list[Any]:
        with lock:
            found = request.infer([images])
            return [found[output].copy() for output in compiled.outputs]

    return _run(compute)


_COMPILERS: dict[str, Callable[[bytes], Run]] = {"onnx": _onnx, "openvino": _openvino}
