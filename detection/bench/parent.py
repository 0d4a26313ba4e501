"""One training, started and watched in its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import IO, Any


def measure(task: dict[str, Any], on_share: Callable[[float], None]) -> dict[str, Any]:
    """What `child` measured, with its CPU seconds; or {"error": {"code", "message"}}.

    on_share is called with the share done, 0..1. However this call ends, the process ends with it.
    """
    with tempfile.TemporaryFile("w+") as errors:
        command = [sys.executable, "-m", "detection.bench.child"]
        child = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        try:
            row = _listen(child, task, on_share)
            code, usage = _wait(child)
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
        aside = row.pop("aside", 0.0)
        if usage["cpu_seconds"] is not None:
            usage["cpu_seconds"] = round(usage["cpu_seconds"] - aside, 1)
        return row | usage if row and (code == 0 or "error" in row) else {"error": _crash(code, errors)}


def _listen(
    child: subprocess.Popen[str], task: dict[str, Any], on_share: Callable[[float], None]
) -> dict[str, Any]:
    """Read its lines of JSON: shares while it works, and the result at the end."""
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        with child.stdin as to_child:
            json.dump(task, to_child)
    except BrokenPipeError:  # it died at once; its exit code and output say why
        return {}
    row: dict[str, Any] = {}
    for line in child.stdout:
        if not line.endswith("\n"):  # cut off: it died while writing
            break
        message = json.loads(line)
        if "share" in message:
            on_share(message["share"])
        else:
            row = message
    return row


def _wait(child: subprocess.Popen[str]) -> tuple[int, dict[str, Any]]:
    if not hasattr(os, "wait4"):
        return child.wait(), {"cpu_seconds": None}
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, {"cpu_seconds": round(used.ru_utime + used.ru_stime, 1)}


def _crash(code: int, errors: IO[str]) -> dict[str, str]:
    errors.seek(0)
    lines = errors.read().strip().splitlines()
    last = lines[-1] if lines else "no output"
    if code == -9:
        last = "it was killed, probably because memory ran out"
    return {"code": "crashed", "message": f"The training ended with code {code}: {last}"}
