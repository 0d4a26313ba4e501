"""A GPU against the CPU beside it: the same training on both, and the GPU's model on the CPU.

    INSPECTOR_REAL_DATA=DATA [CATEGORIES=a,b] [METHODS=a,b] python -m benchmarks.gpu

Each method learns each category once on the CPU and twice on the GPU. Printed are seconds, ms an image and
MB; the image AUROC of both on the test photos; the largest difference between scores of the two models from
the GPU; and the largest difference where the CPU judges by the GPU's model, with how many verdicts change.
Differences are shares of a score. Backbones take the weights that are on this machine. Not part of
`make bench`: it needs a GPU, and nothing of the web application.
"""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import torch

import detection
from benchmarks import real_data
from detection import Dataset, Prediction, datasets, options
from detection.learning import device as devices

METHODS = "filterbank,patchcore-padim,patchcore,padim,unet-features,unet,unet-repair,auto"
# For the methods that usually end by time.
EPOCHS = {"unet": 20, "unet-repair": 40}


@dataclass(frozen=True, slots=True)
class Trained:
    """A run, what it says of the test photos, and what it took."""

    run: Path
    auroc: float
    predictions: list[Prediction]
    seconds: float
    ms_per_image: float
    peak_mb: float


def main(site: object = None) -> None:
    folders = real_data.categories("circuitboard")
    if not folders:
        return
    if not torch.cuda.is_available():
        print("Not measured: PyTorch finds no CUDA GPU here.")
        return
    cpu, gpu = (devices.describe(devices.choose(name)) for name in ("cpu", "cuda"))
    print(f"{gpu} against {cpu}")
    print(
        f"{'category':<14} {'method':<28} {'AUROC, CPU':>10} {'GPU':>6} {'fit, CPU s':>10} {'GPU s':>6} "
        f"{'ms/image, CPU':>13} {'GPU':>6} {'GPU MB':>7} {'again':>8} {'judged on CPU':>13} {'verdicts':>8}"
    )
    for folder in folders:
        for method in os.environ.get("METHODS", METHODS).split(","):
            with tempfile.TemporaryDirectory() as runs:
                _compare(datasets.scan(folder), method, Path(runs))


def _compare(data: Dataset, method: str, runs: Path) -> None:
    cpu, gpu, again = (
        _train(data, method, device, runs / name)
        for name, device in (("cpu", "cpu"), ("gpu", "cuda"), ("again", "cuda"))
    )
    carried = real_data.judged(gpu.run, data, "cpu")
    changed = sum(a.verdict != b.verdict for a, b in zip(gpu.predictions, carried, strict=True))
    print(
        f"{data.category:<14} {method:<28} {cpu.auroc:>10.3f} {gpu.auroc:>6.3f} {cpu.seconds:>10.1f} "
        f"{gpu.seconds:>6.1f} {cpu.ms_per_image:>13.0f} {gpu.ms_per_image:>6.0f} {gpu.peak_mb:>7.0f} "
        f"{_apart(gpu.predictions, again.predictions):>8.1e} {_apart(gpu.predictions, carried):>13.1e} "
        f"{changed:>4} of {len(carried)}",
        flush=True,
    )


def _train(data: Dataset, method: str, device: str, run: Path) -> Trained:
    # No time limit: it would end each training at another point.
    given = {"device": device, "minutes": 0, **({"epochs": EPOCHS[method]} if method in EPOCHS else {})}
    torch.cuda.reset_peak_memory_stats()
    start = time.perf_counter()
    result = detection.train(data, run, options.for_method(method, **given))
    seconds, peak = time.perf_counter() - start, torch.cuda.max_memory_allocated() / 2**20
    evaluation = result.evaluation
    assert evaluation and evaluation.image_auroc is not None and evaluation.ms_per_image is not None
    judged = real_data.judged(run, data, device)
    return Trained(run, evaluation.image_auroc, judged, seconds, evaluation.ms_per_image, peak)


def _apart(some: list[Prediction], others: list[Prediction]) -> float:
    """The largest difference of two scores of a photo, as a share of the score."""
    return max(abs(a.score - b.score) / abs(a.score) for a, b in zip(some, others, strict=True))


if __name__ == "__main__":
    main()
