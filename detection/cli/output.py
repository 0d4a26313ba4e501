"""What commands print: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
from typing import Any

from tqdm import tqdm

from detection.errors import DetectionError
from detection.types import Evaluation, Progress

REFUSED = 1
CANCELLED = 130


def say(text: str) -> None:
    """To the person, not into the result."""
    print(text, file=sys.stderr)


def print_json(content: Any) -> None:
    print(json.dumps(content, allow_nan=False))


def refuse(error: DetectionError | OSError, *, as_json: bool) -> None:
    message = _of_file(error) if isinstance(error, OSError) else str(error)
    if as_json:
        code = getattr(error, "code", "file")
        print_json({"error": {"code": code, "message": message}})
    say(f"error: {message}")


def _of_file(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)


class Bar:
    """A progress bar on stderr; silent unless a person is looking at a terminal."""

    def __init__(self, *, silent: bool) -> None:
        # The details are the "unit": before a postfix tqdm puts a comma.
        layout = "{desc:<24} {percentage:3.0f}% |{bar:30}| {unit}"
        off = silent or not sys.stderr.isatty()
        self._bar = tqdm(total=1.0, unit="", disable=off, bar_format=layout, file=sys.stderr, leave=False)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def progress(self, progress: Progress) -> None:
        self._bar.set_description_str(_phase(progress), refresh=False)
        self._bar.unit = _details(progress)
        self._bar.update(progress.fraction - self._bar.n)

    def count(self, what: str, done: int, total: int) -> None:
        self._bar.set_description_str(f"{what} {done}/{total}", refresh=False)
        self._bar.update(done / total - self._bar.n)


def _phase(progress: Progress) -> str:
    if progress.epoch is None:
        return f"{progress.phase} {progress.done}/{progress.total}"
    return f"{progress.phase} {progress.epoch}/{progress.epochs}"


def _details(progress: Progress) -> str:
    found = []
    if progress.train_loss is not None:
        found.append(f"loss {progress.train_loss:.2e}")
    if progress.validation_loss is not None:
        found.append(f"held back {progress.validation_loss:.2e}")
    if progress.seconds_left is not None:
        minutes, seconds = divmod(round(progress.seconds_left), 60)
        found.append(f"{minutes}:{seconds:02} left")
    return ", ".join(found)


def table(evaluation: Evaluation) -> str:
    """An evaluation for people."""
    counts = evaluation.confusion
    lines = [
        f"{evaluation.category} · {evaluation.method} · {evaluation.n_good} good and "
        f"{evaluation.n_defect} defective test images · {evaluation.ms_per_image:.0f} ms an image",
        f"image AUROC {number(evaluation.image_auroc)}   F1 {number(evaluation.f1)}   "
        f"precision {number(evaluation.precision)}   recall {number(evaluation.recall)}",
        f"threshold {evaluation.threshold:.6g}   found {counts['tp']} of {evaluation.n_defect} defects, "
        f"{counts['fp']} false alarms on {evaluation.n_good} good images",
    ]
    for kind, one in evaluation.by_defect.items():
        auroc = number(one["image_auroc"])
        lines.append(f"  {kind:<24} AUROC {auroc}   found {one['flagged']} of {one['n']}")
    lines.append(evaluation.judged_by)
    return "\n".join([*lines, *(f"warning: {warning}" for warning in evaluation.warnings)])


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
