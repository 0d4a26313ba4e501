"""Real categories and seeds for measurements, and what models say of their photos."""

import os
from pathlib import Path

import numpy as np

import detection
from detection import Dataset, Prediction, datasets
from detection.methods.base import Model
from detection.metrics.separation import Scores
from detection.photos.image_cache import ImageCache
from detection.photos.reading import batches
from detection.verdicts.scoring import plain

_BATCH = 8


def categories(default: str = "") -> list[Path]:
    """Folders of INSPECTOR_REAL_DATA: those of CATEGORIES (a,b), else of `default`, else all. Says so where
    there are none."""
    given = os.environ.get("INSPECTOR_REAL_DATA")
    categories = datasets.categories(Path(given)) if given else []
    wanted = os.environ.get("CATEGORIES", default)
    these = [folder for folder in categories if not wanted or folder.name in wanted.split(",")]
    if not these:
        print("Not measured: INSPECTOR_REAL_DATA has to name a folder of categories in MVTec AD layout.")
    return these


def seeds(default: str = "0") -> list[int]:
    """Those of SEEDS (0,1,2)."""
    return [int(seed) for seed in os.environ.get("SEEDS", default).split(",")]


def judged(run: Path, data: Dataset, device: str = "auto") -> list[Prediction]:
    """What a run says of the test photos, by PyTorch."""
    detector = detection.load(run, device=device, runtime="torch")
    paths = [image.path for image in data.test]
    return [one for some in batches(paths, _BATCH) for one in detector.predict(some)]


def scores(model: Model, photos: ImageCache) -> Scores:
    """What a model says of photos, in their order."""
    scored = np.zeros(len(photos))
    for numbers, images in photos.batches(_BATCH, model.device):
        scored[numbers.numpy()] = plain(model.judge(images).scores)
    return scored
