"""Faults of the machine in plain sentences: what to do about a full disk or a GPU that failed."""

from __future__ import annotations

import errno
import sys
from dataclasses import dataclass
from typing import Any

from detection.errors import DetectionError


@dataclass(frozen=True, slots=True)
class Fault:
    """code: stable, for programs. message: what is wrong and what to do about it."""

    code: str
    message: str


_BY_NUMBER = {
    errno.ENOSPC: ("disk_full", "The disk is full{where}. Free some space there, then try again."),
    errno.EDQUOT: ("disk_full", "The disk quota is used up{where}. Free some space there, then try again."),
    errno.EMFILE: (
        "too_many_open_files",
        "Too many files are open at once. Raise the limit of open files (ulimit -n), then try again.",
    ),
    errno.ENFILE: (
        "too_many_open_files",
        "Too many files are open on this machine. Raise its limit of open files, then try again.",
    ),
    errno.EACCES: (
        "not_permitted",
        "Access is denied{where}. Change the permissions, then try again.",
    ),
    errno.EPERM: ("not_permitted", "Access is denied{where}. Change the permissions, then try again."),
    errno.EROFS: (
        "read_only",
        "Nothing can be written there{where}: it is mounted read-only. Mount it writable, then try again.",
    ),
    errno.EIO: ("disk_error", "The disk reports a read or write error{where}. Check the disk."),
    errno.ENOMEM: (
        "out_of_memory",
        "There is not enough memory. Close other programs or choose a smaller photo size, then try again.",
    ),
}
_GPU_OUT_OF_MEMORY = (
    "gpu_out_of_memory",
    "The GPU does not have enough memory. Choose a smaller photo size, or use the processor "
    "(INSPECTOR_DEVICE=cpu, or --device cpu).",
)
_GPU_ERROR = (
    "gpu_error",
    "The GPU stopped with an error. Restart the program and check the GPU driver, or use the processor "
    "(INSPECTOR_DEVICE=cpu, or --device cpu).",
)
# Where torch and its libraries raise a plain RuntimeError, only the wording tells what happened: cuBLAS and
# cuDNN out of GPU memory or failing, and the processor's allocator. In lower case, the most specific first.
_BY_WORDING = (
    (("cuda out of memory", "cuda error: out of memory", "cublas_status_alloc_failed"), _GPU_OUT_OF_MEMORY),
    (("cuda", "cudnn", "cublas", "nvidia"), _GPU_ERROR),
    (
        ("can't allocate memory", "not enough memory", "out of memory", "unable to allocate", "bad alloc"),
        _BY_NUMBER[errno.ENOMEM],
    ),
)


def fault_of(error: BaseException) -> Fault | None:
    """The fault of the machine behind an exception, or behind one of its causes; None for any other error."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        if fault := _fault(one):
            return fault
        one = one.__cause__ or one.__context__
    return None


def raw(error: BaseException) -> str:
    """The type and wording of an exception on one line: for logs and fold-outs."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def describe(error: BaseException) -> tuple[str, str, str]:
    """Code, message and details of an exception that ended a command."""
    if isinstance(error, DetectionError):
        return error.code, str(error), error.details
    if fault := fault_of(error):
        return fault.code, fault.message, raw(error)
    return "file", _of_file(error), raw(error)


def _of_file(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return "A file could not be read or a connection failed. Try again."


def _fault(error: BaseException) -> Fault | None:
    if isinstance(error, OSError) and error.errno in _BY_NUMBER:
        code, message = _BY_NUMBER[error.errno]
        return Fault(code, message.format(where=f": {error.filename}" if error.filename else ""))
    if isinstance(error, MemoryError):
        return Fault(*_BY_NUMBER[errno.ENOMEM])
    if not isinstance(error, RuntimeError):
        return None
    return _of_torch(error) or _by_wording(str(error).lower())


def _of_torch(error: RuntimeError) -> Fault | None:
    """By torch's own classes. They exist only where torch is loaded, and this module does not load it."""
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return None
    if isinstance(error, torch.OutOfMemoryError):
        return Fault(*_GPU_OUT_OF_MEMORY)
    if isinstance(error, torch.AcceleratorError):  # about memory, too: then only the wording says so
        return _by_wording(str(error).lower()) or Fault(*_GPU_ERROR)
    return None


def _by_wording(wording: str) -> Fault | None:
    return next(
        (Fault(*fault) for phrases, fault in _BY_WORDING if any(phrase in wording for phrase in phrases)),
        None,
    )
