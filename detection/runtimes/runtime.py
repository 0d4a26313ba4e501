"""Inference by ONNX Runtime or OpenVINO if one is installed (requirements-speed.txt), otherwise by
PyTorch."""

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
# The package of each runtime, the fastest first.
RUNTIMES = {"openvino": "openvino", "onnx": "onnxruntime"}
# A runtime is used only if its results differ from the network's by no more than this share of the largest
# value.
TOLERANCE = 1e-3
# In bfloat16, which has 8 bits, by more: whoever asks for that has to know by how much scores differ.
_HALF, _TOLERANCE_OF_HALF = "bf16", 0.05

log = logging.getLogger(__name__)


def choose(name: str, device: torch.device) -> str:
    """torch, onnx or openvino. "auto" is the value of INSPECTOR_RUNTIME, or else the fastest one installed.

    If the runtime is not installed, or the device is a GPU (for which PyTorch is best), the result is torch,
    and the log says so if another was requested by name. Raises BadOptions for an unknown name.
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


def halves(name: str) -> bool:
    """Whether this runtime computes in bfloat16 here, at twice the pace or more."""
    if name != "openvino" or not installed(name):
        return False
    import openvino  # an extra

    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def speed_up(model: Model, name: str, cache: Path, *, half: bool = False) -> str:
    """Let a runtime compute the networks of a model. Returns the name of the one that computes them now.

    half: in bfloat16, whose results differ by some per cent; only where `halves`.

    cache: folder for the exported networks. If anything fails, PyTorch continues, and the log says why.
    """
    engines = model.engines() if name != "torch" else {}
    try:
        size = (2, 3, model.options.size, model.options.size)
        taken = {
            key: accelerate(
                engine.network,
                size,
                name,
                cache / f"{key}.onnx",
                any_sides=model.method.keeps_aspect,
                half=half,
            )
            for key, engine in engines.items()
        }
    except Exception as error:  # compilers raise anything, and PyTorch can always compute the network
        log.warning("%s cannot run the network of %s: PyTorch is used. (%s)", name, model.name, error)
        return "torch"
    for key, run in taken.items():
        engines[key].run = run
    return name if taken else "torch"


def accelerate(
    network: nn.Module,
    size: Sequence[int],
    name: str,
    cache: Path,
    *,
    any_sides: bool = False,
    half: bool = False,
) -> Run:
    """The network, computed by a runtime: from [N, 3, H, W] float32 on the CPU to the network's output.

    size: of an example, [2, 3, H, W]. cache: the ONNX file, created if it does not exist. any_sides: whether
    H and W may differ from the example's. half: see `speed_up`. Raises what the runtime raises, and
    RuntimeError if its results differ from the network's: then the file is deleted.
    """
    model = export.cached(network, size, cache, any_sides=any_sides)
    run = _openvino(model, _HALF) if half else _COMPILERS[name](model)
    # Of another shape than the example, to detect sizes that were fixed in the export.
    other = (3, 3, size[2], size[3] + 32) if any_sides else (3, *size[1:])
    images = torch.rand(other, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        wanted, outputs = _tuple(network(images)), _tuple(run(images))
    tolerance = _TOLERANCE_OF_HALF if half else TOLERANCE
    if not all(_alike(f, w, tolerance) for f, w in zip(outputs, wanted, strict=True)):
        cache.unlink(missing_ok=True)
        raise RuntimeError("its results differ from PyTorch's")
    return run


def installed(name: str) -> bool:
    return export.installed() and find_spec(RUNTIMES[name]) is not None


def _tuple(given: Any) -> tuple[Tensor, ...]:
    return given if isinstance(given, tuple) else (given,)


def _alike(output: Tensor, wanted: Tensor, tolerance: float) -> bool:
    # NaN is never alike.
    return output.shape == wanted.shape and bool(
        (output - wanted).abs().max() <= tolerance * wanted.abs().max()
    )


def _run(compute: Callable[[Any], Sequence[Any]]) -> Run:
    """Converts tensors to arrays and back. A single output is a tensor, several are a tuple."""

    def run(images: Tensor) -> Any:
        outputs = tuple(torch.from_numpy(one) for one in compute(images.contiguous().numpy()))
        return outputs if len(outputs) > 1 else outputs[0]

    return run


def _onnx(model: bytes) -> Run:
    import onnxruntime  # an extra

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return _run(lambda images: session.run(None, {export.INPUT: images}))


def _openvino(model: bytes, precision: str = "f32") -> Run:
    import openvino  # an extra

    settings = {
        # By default it computes in bfloat16 where the processor can, and scores differ by more than 1e-3.
        "INFERENCE_PRECISION_HINT": precision,
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        "PERFORMANCE_HINT": "LATENCY",
    }
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(model), "CPU", settings)
    # A request computes one batch at a time: two threads must not share it.
    request, lock = compiled.create_infer_request(), threading.Lock()

    def compute(images: Any) -> list[Any]:
        with lock:
            results = request.infer([images])
            return [results[output].copy() for output in compiled.outputs]

    return _run(compute)


_COMPILERS: dict[str, Callable[[bytes], Run]] = {"onnx": _onnx, "openvino": _openvino}
