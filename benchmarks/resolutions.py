"""Several resolutions together: the image AUROC of the product of a method's maps at each of them.

    INSPECTOR_REAL_DATA=DATA [CATEGORIES=a,b] [METHOD=a] python -m benchmarks resolutions

Not part of `make bench`: it takes minutes a category.
"""

import os
from itertools import combinations
from pathlib import Path

import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor

from benchmarks import real_data
from benchmarks.installation import Installation
from detection import datasets
from detection.learning.progress import Watch
from detection.methods import registry
from detection.methods.setting import Geometry
from detection.normality.place import on_grid
from detection.options import for_method
from detection.photos.image_cache import ImageCache, fill
from detection.runs import material
from detection.types import Dataset
from detection.verdicts.scoring import topk_error

SIZES = (224, 320, 448)
# The maps are multiplied on a grid of so many places.
GRID = (128, 128)
CPU = torch.device("cpu")


def main(site: Installation) -> None:
    for folder in real_data.categories():
        _compare(datasets.scan(folder), os.environ.get("METHOD", "patchcore-padim"))


def _compare(dataset: Dataset, method: str) -> None:
    truth = [image.is_defect for image in dataset.test]
    maps = {size: _maps(dataset, method, size) for size in SIZES}
    print(f"{dataset.category} {method}", flush=True)
    for count in range(1, len(SIZES) + 1):
        for sizes in combinations(SIZES, count):
            scores = topk_error(torch.stack([maps[size] for size in sizes]).prod(dim=0))
            named = f"{' and '.join(map(str, sizes))} px"
            print(f"  {named:<22} image AUROC {roc_auc_score(truth, scores.numpy()):.3f}", flush=True)


def _maps(dataset: Dataset, name: str, size: int) -> Tensor:
    """Of the test photos, [N, *GRID]."""
    options = for_method(name, size=size)
    method = registry.create(options, CPU, Geometry(material.region(dataset, options, Watch())))

    def cache(paths: list[Path]) -> ImageCache:
        return fill(paths, method.prepare, lambda count: None)

    learned, test = cache(sorted(dataset.train)), cache([image.path for image in dataset.test])
    model = method.fit(learned, learned.subset([]), Watch()).model
    maps = torch.zeros(len(test), *GRID)
    for numbers, images in test.batches(4, CPU):
        maps[numbers] = on_grid(model.judge(images).maps[:, None], GRID)[:, 0]
    return maps
