"""What a cascade saves and what it changes: photos that the draft decides, CPU time, verdicts, AUROC.

    INSPECTOR_REAL_DATA=DATA INSPECTOR_WEIGHTS_DIR=WEIGHTS [CATEGORIES=a,b] [METHODS=a,b] [PHOTOS=60] \
        [SIZE=320] [RUNS=FOLDER] OMP_NUM_THREADS=1 python -m benchmarks cascade

Runs learn from the good training photos alone, so that their limits depend on no label. Up to PHOTOS good and
PHOTOS defective test photos are judged, drawn at random. RUNS keeps runs and cascades; existing ones are not
made again. Times are CPU times of this process, as the machine may be shared. Not part of `make bench`: it
takes minutes a run.
"""

import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

import detection
from benchmarks import real_data
from benchmarks.installation import Installation
from detection import Prediction, datasets, options
from detection.cascade import NoUse, make_cascade
from detection.cascade.limit import DEFECTIVE
from detection.files import artifact
from detection.metrics.image import image_auroc
from detection.robustness.measure import photos_of
from detection.types import GOOD

Result = TypeVar("Result")
HEAD = (
    "| category | method | good that the draft decides | defective | other verdicts | AUROC, model, cascade |"
    " ms, model, draft | on the line, ms, model, cascade | CPU s to make | promise rests on |"
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A test photo, what model and cascade say of it, and the CPU milliseconds of each after reading it."""

    defect: bool
    model: Prediction
    cascade: Prediction
    model_ms: float
    cascade_ms: float

    @property
    def drafted(self) -> bool:
        return self.cascade.decided_by == "draft"


def main(site: Installation) -> None:
    torch.set_num_threads(1)
    kept = Path(os.environ.get("RUNS", site.folder / "cascade"))
    methods = os.environ.get("METHODS", "filterbank,patchcore-padim").split(",")
    print(f"\n{HEAD}\n{'|---' * (HEAD.count('|') - 1)}|")
    for folder in real_data.categories():
        for method in methods:
            print(f"| {' | '.join(_row(folder, method, kept))} |", flush=True)


def _row(folder: Path, method: str, kept: Path) -> list[str]:
    run = kept / folder.name / method
    data = datasets.scan(folder)
    if not run.is_dir():
        size = int(os.environ.get("SIZE", "320"))
        detection.train(replace(data, test=()), run, options.for_method(method, size=size))
    seconds = ""
    if not (run / artifact.CASCADE).is_file():
        try:
            made, spent = _timed(partial(make_cascade, run, data))
        except NoUse as error:
            return [folder.name, method, str(error), *[""] * 7]
        seconds = f"{spent / 1000:.0f}"
        print(f"<!-- {made} -->")
    about = artifact.read_cascade(run)["made"]
    judged = list(_judged(run, folder))
    return [folder.name, method, *_numbers(judged), seconds, _rests(about)]


def _judged(run: Path, folder: Path) -> Iterator[Judged]:
    cascade = detection.load_cascade(run)
    photos = photos_of(cascade.detector, datasets.scan(folder), int(os.environ.get("PHOTOS", "60")))
    for number, photo in enumerate([photos[0], *photos]):
        prepared = cascade.prepare(photo.read())
        model, model_ms = _timed(partial(cascade.detector.predict, prepared))
        quick, cascade_ms = _timed(partial(cascade.predict, prepared))
        if number:  # the first one warms up
            yield Judged(photo.label != GOOD, model, quick, model_ms, cascade_ms)


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    start = time.process_time()
    result = work()
    return result, 1000 * (time.process_time() - start)


def _numbers(judged: list[Judged]) -> Iterator[str]:
    for defect in (False, True):
        drafted = [one.drafted for one in judged if one.defect is defect]
        yield f"{sum(drafted)} of {len(drafted)}"
    other = [one for one in judged if one.cascade.verdict != one.model.verdict]
    yield f"{len(other)} of {sum(one.drafted for one in judged)}"
    truth = np.array([one.defect for one in judged])
    own = image_auroc([one.model.score for one in judged], truth)
    yield f"{own:.4f}, {image_auroc(_ranked(judged), truth):.4f}"
    drafted_ms = [one.cascade_ms for one in judged if one.drafted]
    draft_ms = f"{np.median(drafted_ms):.0f}" if drafted_ms else "-"
    yield f"{np.median([one.model_ms for one in judged]):.0f}, {draft_ms}"
    yield f"{_on_the_line(judged, 'model_ms'):.0f}, {_on_the_line(judged, 'cascade_ms'):.0f}"


def _ranked(judged: list[Judged]) -> NDArray[np.float64]:
    """Scores to rank by: the draft's estimates for what it decided, put below all that the model judged."""
    lowest = min((one.model.score for one in judged if not one.drafted), default=0.0)
    most = max((one.cascade.score for one in judged if one.drafted), default=0.0)
    down = max(0.0, most - lowest) + 1e-9
    return np.array([one.cascade.score - (down if one.drafted else 0.0) for one in judged])


def _on_the_line(judged: list[Judged], name: str) -> float:
    """The mean where DEFECTIVE of the parts are defective."""
    good, defect = (
        np.mean([getattr(one, name) for one in judged if one.defect is kind]) for kind in (False, True)
    )
    return float((1 - DEFECTIVE) * good + DEFECTIVE * defect)


def _rests(about: dict[str, Any]) -> str:
    limit = about["limit"]
    return (
        f"below {math.exp(limit['value']):.2f} of the limit: {limit['n_good']} good "
        f"({limit['basis']}, {math.exp(limit['by_good']):.2f}), {limit['n_damaged']} damaged "
        f"({math.exp(limit['by_damaged']):.2f})"
    )
