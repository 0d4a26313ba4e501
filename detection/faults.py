"""Faults of the machine in plain sentences: what a person can do about a full disk or a GPU that gave up."""

from __future__ import annotations

import errno
from dataclasses import dataclass

from detection.errors import DetectionError


@dataclass(frozen=True, slots=True)
class Fault:
    """code: stable, for programs. message: what is wrong and what to do."""

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
    errno.EROFS: ("read_only", "Nothing can be written there{where}: it is mounted read-only."),
    errno.EIO: ("disk_error", "The disk reports a read or write error{where}. Check the disk."),
    errno.ENOMEM: (
        "out_of_memory",
        "There is not enough memory. Close other programs or choose a smaller photo size, then try again.",
    ),
}
# What torch says of the rest, in small letters, the most exact first.
_BY_WORDS = (
    (
        ("cuda out of memory", "cublas_status_alloc_failed"),
        "gpu_out_of_memory",
        "The GPU does not have enough memory. Choose a smaller photo size, or use the processor "
        "(INSPECTOR_DEVICE=cpu, or --device cpu).",
    ),
    (
        ("cuda", "cudnn", "cublas", "nvidia"),
        "gpu_error",
        "The GPU stopped with an error. Restart the program and check the GPU driver, or use the processor "
        "(INSPECTOR_DEVICE=cpu, or --device cpu).",
    ),
    (
        ("can't allocate memory", "not enough memory", "out of memory", "unable to allocate", "bad alloc"),
        *_BY_NUMBER[errno.ENOMEM],
    ),
)


def fault_of(error: BaseException) -> Fault | None:
    """The known fault of the machine that an exception, or one that it came from, tells of; else None."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        if found := _fault(one):
            return found
        one = one.__cause__ or one.__context__
    return None


def raw(error: BaseException) -> str:
    """The exception word for word, on one line: for logs and fold-outs."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def told(error: BaseException) -> tuple[str, str, str]:
    """Code, message and details of what ended a command, whatever it was."""
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
    said = str(error).lower()
    return next(
        (Fault(code, message) for words, code, message in _BY_WORDS if any(w in said for w in words)), None
    )
