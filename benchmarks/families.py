"""Categories that share a model, against a model of their own; and categories that join with few photos.

    INSPECTOR_REAL_DATA=DATA [CATEGORIES=a,b] [METHOD=transformer] [WEIGHTS=FILE] [SEED=0] \
        [SIZE=320] [EPOCHS=16] [RUNS=FOLDER] python -m benchmarks families

Each category is trained alone, then all as one family; then each joins a family of the other half of the
categories with 1, 5, 10, 20 and all of its good photos. Other methods learn each category by itself from the
same few photos. Printed are the image AUROC, CPU seconds, and the MB that judging by all takes. RUNS keeps
the runs, and what is there is not made again. Not part of `make bench`: it takes a quarter of an hour a
category.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import detection
from benchmarks import real_data
from benchmarks.installation import Installation
from detection import datasets
from detection.files import artifact
from detection.options import for_method
from detection.runs.family import join, train_family
from detection.types import Dataset, TrainOptions

FEW = (1, 5, 10, 20)
AGAINST = ("patchcore-padim", "filterbank")
# Loads runs and judges a photo by each; prints the peak memory of the process, in MB.
MEMORY = """
import resource, sys
import detection
photo, *runs = sys.argv[1:]
kept = [detection.load(run, runtime="torch", device="cpu") for run in runs]
for one in kept:
    one.predict(photo)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@dataclass(frozen=True, slots=True)
class Trained:
    """auroc: image AUROC on the test photos. seconds: CPU seconds, None where the run was there already."""

    run: Path
    auroc: float
    seconds: float | None

    def __str__(self) -> str:
        spent = "" if self.seconds is None else f" ({self.seconds:.0f} s)"
        return f"{self.auroc:.3f}{spent}"


def main(site: Installation) -> None:
    data = [datasets.scan(folder) for folder in real_data.categories()]
    runs = Path(os.environ.get("RUNS", site.folder / "families"))
    options = _options(minutes=0.0)
    alone = [_alone(one, runs / "alone", options) for one in data]
    said = [f"{one.category} {made}" for one, made in zip(data, alone, strict=True)]
    print("alone:", ", ".join(said), flush=True)
    together = _family(data, runs / "together", options)
    halves = data[::2], data[1::2]
    others = {
        one.category: _family(halves[1 - side], runs / f"half-{1 - side}", options)[0].run
        for side, half in enumerate(halves)
        for one in half
    }
    print(f"\n| category | alone | as one | joined by {' | '.join(map(str, FEW))} | all photos |")
    print(f"|---|---|---|{'---|' * (len(FEW) + 1)}", flush=True)
    for one, by_itself, in_family in zip(data, alone, together, strict=True):
        joined = [_joined(one, count, runs / "joined", others[one.category]) for count in (*FEW, None)]
        print(f"| {one.category} | {' | '.join(map(str, (by_itself, in_family, *joined)))} |", flush=True)
    for method in AGAINST:
        for one in data:
            trained = [_by_itself(one, count, runs / method, method) for count in FEW]
            print(f"| {one.category} | {method} | | {' | '.join(map(str, trained))} | |", flush=True)
    photo = data[0].test[0].path
    memory = [_memory(photo, [each.run for each in these]) for these in (alone, together)]
    print(f"\nTo judge by all: {memory[0]} MB alone, {memory[1]} MB as one.")


def _options(method: str = os.environ.get("METHOD", "transformer"), **more: float) -> TrainOptions:
    numbers = {
        name.lower(): int(os.environ[name]) for name in ("SEED", "SIZE", "EPOCHS") if name in os.environ
    }
    return for_method(method, device="cpu", weights=os.environ.get("WEIGHTS", ""), **numbers, **more)


def _alone(data: Dataset, runs: Path, options: TrainOptions) -> Trained:
    return _made(runs / data.category, lambda folder: detection.train(data, folder, options))


def _joined(data: Dataset, count: int | None, runs: Path, family: Path) -> Trained:
    few = data if count is None else _few(data, count)
    folder = runs / f"{data.category}-{count or 'all'}"
    return _made(folder, lambda folder: join(few, folder, family, device="cpu"))


def _by_itself(data: Dataset, count: int, runs: Path, method: str) -> Trained:
    few, folder = _few(data, count), runs / f"{data.category}-{count}"
    return _made(folder, lambda folder: detection.train(few, folder, _options(method)))


def _few(data: Dataset, count: int) -> Dataset:
    """With so many of its training photos, always the same ones."""
    few = random.Random(0).sample(sorted(data.train), min(count, len(data.train)))
    return replace(data, train=tuple(few))


def _family(data: Sequence[Dataset], runs: Path, options: TrainOptions) -> list[Trained]:
    folders = {runs / one.category: one for one in data}
    if all((folder / artifact.MANIFEST).is_file() for folder in folders):
        return [_read(folder) for folder in folders]
    start = time.process_time()
    if len(data) > 1:
        results = train_family(folders, options)
    else:
        results = [detection.train(one, folder, options) for folder, one in folders.items()]
    seconds = (time.process_time() - start) / len(data)
    return [replace(_read(one.run_dir), seconds=seconds) for one in results]


def _made(folder: Path, make: Callable[[Path], object]) -> Trained:
    if (folder / artifact.MANIFEST).is_file():
        return _read(folder)
    start = time.process_time()
    make(folder)
    return replace(_read(folder), seconds=time.process_time() - start)


def _read(folder: Path) -> Trained:
    return Trained(folder, artifact.read_json(folder, "metrics.json")["image_auroc"], None)


def _memory(photo: Path, runs: Sequence[Path]) -> str:
    command = [sys.executable, "-c", MEMORY, str(photo), *map(str, runs)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
