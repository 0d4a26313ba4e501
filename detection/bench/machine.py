"""What a measurement was made with, for the record."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]


@cache
def commit() -> str | None:
    """The commit of this source, with "-dirty" if it has been changed since; None outside git."""
    git = ["git", "describe", "--always", "--dirty", "--abbrev=10", "--exclude=*"]
    try:
        described = subprocess.run(  # noqa: S603
            git, cwd=Path(__file__).parent, capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    return described.stdout.strip() or None


@cache
def describe() -> dict[str, Any]:
    """{"cpu", "cores", "threads", "python", "torch"}. cores: those this process may use. threads:
    OMP_NUM_THREADS, or the number of cores."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    threads = os.environ.get("OMP_NUM_THREADS", "")
    return {
        "cpu": _cpu(),
        "cores": cores,
        "threads": int(threads) if threads.isdigit() else cores,
        "python": platform.python_version(),
        "torch": version("torch"),
    }


def peak_mb() -> int | None:
    """The peak memory of this process so far, in MB; None where the system does not report it.

    From VmHWM where there is one: ru_maxrss includes the memory of the process that started this one.
    """
    kib = [line.split()[1] for line in _lines("/proc/self/status") if line.startswith("VmHWM")]
    if kib:
        return round(int(kib[0]) * 1024 / 1e6)
    if resource is None:
        return None
    # In KiB, but on macOS in bytes.
    return round(
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    )


def _cpu() -> str:
    names = [
        line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")
    ]
    return names[0] if names else platform.processor() or platform.machine()


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
