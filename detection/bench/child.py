"""The process that trains once and reports its measurements: python -m detection.bench.child

Reads a task as JSON from stdin and writes lines of JSON: {"share"} while it works, and the row at the end.
"""

from __future__ import annotations

import json
import sys
import time
from typing import IO, Any

from detection import datasets
from detection.bench import light
from detection.bench.machine import peak_mb
from detection.errors import DetectionError
from detection.faults import describe
from detection.results import Evaluation
from detection.runs import training
from detection.types import Progress, TrainOptions

_CURVES = ("roc", "pr")


class Clock:
    """When fitting began and ended, from the reported progress; the share done is passed on to the parent."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._reported = -1.0
        self.begun = self.ended = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        if progress.phase == "reading":
            self.begun = self.ended = time.monotonic()
        elif progress.phase == "training":
            self.ended = time.monotonic()
        if progress.fraction - self._reported >= 0.01:
            self._reported = progress.fraction
            print(json.dumps({"share": progress.fraction}), file=self._out, flush=True)


def measure(task: dict[str, Any], clock: Clock) -> dict[str, Any]:
    """Train as the task says and return its measurements. Raises DetectionError."""
    dataset = datasets.scan(task["category_dir"])
    start, libraries = time.monotonic(), peak_mb()
    result = training.train(dataset, task["run_dir"], TrainOptions(**task["options"]), on_progress=clock)
    row = {
        "images": result.config["images"],
        "notes": result.config["notes"],
        "learning": result.config["learning"],
        "ranking": result.config.get("ranking"),
        "device": result.config["device"],
        "libraries_mb": libraries,
        "peak_mb": peak_mb(),
        "fit_seconds": round(clock.ended - clock.begun, 3),
        "seconds": round(time.monotonic() - start, 3),
        "threshold": {
            "policy": result.threshold.policy,
            "target": result.threshold.target,
            "chosen_on": result.threshold.chosen_on,
        },
        "evaluation": _without_curves(result.evaluation),
    }
    # Not part of the training: its time is not counted.
    cpu = time.process_time()
    return row | {"light": light.compare(dataset, result.run_dir), "aside": time.process_time() - cpu}


def _without_curves(evaluation: Evaluation | None) -> dict[str, Any] | None:
    if evaluation is None:
        return None
    return {name: value for name, value in evaluation.as_dict().items() if name not in _CURVES}


def main() -> int:
    # What libraries print must not mix with the lines of JSON.
    out, sys.stdout = sys.stdout, sys.stderr
    try:
        row = measure(json.load(sys.stdin), Clock(out))
    except (DetectionError, OSError) as error:
        code, message, _ = describe(error)
        row = {"error": {"code": code, "message": message}}
    print(json.dumps(row, allow_nan=False), file=out, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
