"""The device that computes, and its precision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from detection.errors import BadOptions


def choose(name: str) -> torch.device:
    """The device named "cpu" or "cuda"; "auto" is the GPU if there is one. Raises BadOptions."""
    if name not in ("auto", "cpu", "cuda"):
        raise BadOptions(f'device is "{name}"; choose auto, cpu or cuda.')
    if name == "cuda" and not torch.cuda.is_available():
        raise BadOptions("device is cuda, but PyTorch finds no CUDA GPU; choose auto or cpu.")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


@contextmanager
def repeatable() -> Iterator[None]:
    """Within it, a GPU computes the same result each time, in full float32.

    By default cuDNN uses the fastest convolution, including ones that sum in a different order each time, and
    rounds factors to ten bits (TF32): scores on a GPU would differ from those of the same model on a
    processor.
    """
    with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False):
        yield


def describe(device: torch.device) -> str:
    """For config.json: the device that the model was trained on."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' if threads > 1 else ''}"


def training_precision(device: torch.device) -> torch.dtype:
    """bfloat16 if the hardware supports it, otherwise float32. Predictions are always float32.

    It halves the time of a training step.
    """
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        able = torch.cpu.get_capabilities()
        fast = bool(able.get("avx512_bf16") or able.get("amx_bf16"))
    return torch.bfloat16 if fast else torch.float32
