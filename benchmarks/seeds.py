"""What chance does: the same training with other seeds, and the mean of them.

    INSPECTOR_REAL_DATA=DATA [CATEGORIES=a,b] [METHODS=a,b] [SEEDS=0,1,2] python -m benchmarks seeds

The image AUROC of each seed, and of the geometric mean of their scores, each in units of its own good photos.
And the noise: the standard deviation of the logarithm of a good test photo's score from seed to seed, against
that from photo to photo. Not part of `make bench`: it takes minutes.
"""

import os
from pathlib import Path

import numpy as np

import detection
from benchmarks import real_data
from benchmarks.installation import Installation
from detection import Dataset, datasets, options
from detection.metrics import image as metrics
from detection.metrics.separation import Scores


def main(site: Installation) -> None:
    seeds = real_data.seeds("0,1,2")
    for folder in real_data.categories("circuitboard,cookies"):
        data = datasets.scan(folder)
        defect = np.array([image.is_defect for image in data.test])
        for method in os.environ.get("METHODS", "filterbank,patchcore-padim").split(","):
            runs = site.folder / "seeds" / data.category / method
            logs = np.stack([_log_scores(data, method, seed, runs / str(seed)) for seed in seeds])
            each = [metrics.image_auroc(one, defect) for one in logs]
            good = logs[:, ~defect]
            print(
                f"{data.category:<14} {method:<18} image AUROC {', '.join(f'{one:.3f}' for one in each)}; "
                f"together {metrics.image_auroc(logs.mean(axis=0), defect):.3f}; "
                f"noise {good.std(axis=0).mean():.3f} of {good.std(axis=1).mean():.3f}",
                flush=True,
            )


def _log_scores(data: Dataset, method: str, seed: int, run: Path) -> Scores:
    result = detection.train(data, run, options.for_method(method, seed=seed))
    scores = np.array([one.score for one in real_data.judged(run, data)])
    return np.log(scores / np.median(result.threshold.good_scores))
