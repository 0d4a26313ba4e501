"""Side by side with anomalib's PatchCore: the same photos, backbone weights, size and number of bank vectors.

    export INSPECTOR_REAL_DATA=DATA INSPECTOR_WEIGHTS_DIR=FOLDER
    [CATEGORIES=a,b] [SEEDS=0,1,2] python -m benchmarks against_anomalib

DATA holds category folders in MVTec AD layout; FOLDER the weights of ResNet-18. anomalib is in no
requirements file, because it brings some sixty packages: install it into an environment of your own. Where
one of the three is missing, this says so and measures nothing. Both see the same square tensors from memory,
in batches of BATCH; fit goes from the tensors to the bank. `patchcore-padim` is measured in the same way.

anomalib's coreset keeps a tiny tensor of each step in the gap that the step's large one leaves. With some 30
photos (31 MB a step) glibc's heap grows to 20 GB and more; MALLOC_MMAP_THRESHOLD_=16777216 avoids that.
"""

import io
import time
from collections.abc import Callable
from contextlib import redirect_stderr
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor

from benchmarks import real_data
from benchmarks.installation import Installation
from detection import TrainOptions, datasets
from detection.learning.progress import Watch
from detection.methods import registry
from detection.methods.setting import Sizes
from detection.networks import weights
from detection.normality.bank import PatchBank
from detection.photos.image_cache import ImageCache, fill
from detection.photos.transforms import Prepare

SIZE, BATCH = 256, 8
# Not magnetic_tile: for each vector, anomalib's coreset goes through all patches of its 762 photos.
CATEGORIES = "bottle,circuitboard,cookies,pill"
VECTORS = 1000  # of 30,000 patches: anomalib's search for ten times as many takes the better part of an hour
NEIGHBOURS = 9
CPU = torch.device("cpu")


def main(site: Installation) -> None:
    folders = real_data.categories(CATEGORIES)
    needed = {"anomalib": find_spec("anomalib"), "weights": weights.locate("resnet18")}
    missing = [what for what, there in needed.items() if not there]
    if missing:
        print(f"Not measured: {' and '.join(missing)} missing.")
    if missing or not folders:
        return
    print(f"{SIZE} px, ResNet-18, {torch.get_num_threads()} threads")
    columns = f"{'AUROC':>6} {'fit s':>6} {'CPU s':>6} {'ms/image':>9} {'CPU ms':>7}"
    print(f"{'category':<14} {'seed':>4} {'':<24} {'vectors':>7} {columns}")
    for folder in folders:
        for seed in real_data.seeds():
            _compare(folder, seed)


def _compare(folder: Path, seed: int) -> None:
    data = datasets.scan(folder)
    learned = fill(data.train, Prepare(SIZE), lambda count: None)
    test = fill([image.path for image in data.test], Prepare(SIZE), lambda count: None)
    truth = [image.is_defect for image in data.test]
    ways: dict[str, Callable[[], Any]] = {
        "detection patchcore": lambda: _Ours("patchcore", seed),
        "anomalib Patchcore": lambda: _Anomalib(seed),
        "detection patchcore-padim": lambda: _Ours("patchcore-padim", seed),
    }
    for title, make in ways.items():
        one = make()
        start = _now()
        one.fit(learned)
        fitted = _now()
        scores = np.zeros(len(test))
        for numbers, images in test.batches(BATCH, CPU):
            scores[numbers.numpy()] = one.score(images)
        fit, each = fitted - start, 1000 * (_now() - fitted) / len(test)
        seconds = f"{fit[0]:>6.1f} {fit[1]:>6.1f} {each[0]:>9.1f} {each[1]:>7.1f}"
        row = f"{roc_auc_score(truth, scores):>6.3f} {seconds}"
        print(f"{data.category:<14} {seed:>4} {title:<24} {one.size:>7} {row}", flush=True)


def _now() -> np.ndarray:
    """Seconds by the clock, and CPU seconds of all cores, which depend little on how busy the machine is."""
    return np.array([time.perf_counter(), time.process_time()])


class _Ours:
    def __init__(self, method: str, seed: int) -> None:
        options = TrainOptions(method=method, size=SIZE, seed=seed, crop="off")
        self._method = registry.create(options, CPU, sizes=Sizes(vectors=VECTORS))

    def fit(self, learned: ImageCache) -> None:
        self._model = self._method.fit(learned, learned.subset([]), Watch()).model
        banks = [bank for bank in vars(self._model).values() if isinstance(bank, PatchBank)]
        self.size = sum(len(bank.vectors) for bank in banks)

    def score(self, images: Tensor) -> np.ndarray:
        return self._model.judge(images).scores.numpy()


class _Anomalib:
    """anomalib's network, sampling and search with our weights; no Lightning, which would only add time."""

    def __init__(self, seed: int) -> None:
        from anomalib.models.image.patchcore.torch_model import PatchcoreModel

        torch.manual_seed(seed)
        self._model = PatchcoreModel(
            layers=("layer2", "layer3"), backbone="resnet18", pre_trained=False, num_neighbors=NEIGHBOURS
        )
        self._network, _ = weights.backbone("resnet18")
        extractor = self._model.feature_extractor.feature_extractor
        absent = extractor.load_state_dict(self._network.network.state_dict(), strict=False)
        assert not absent.missing_keys, absent.missing_keys

    def fit(self, learned: ImageCache) -> None:
        self._model.train()
        self._model.feature_extractor.eval()
        patches = 0
        with torch.inference_mode():
            for _, images in learned.batches(BATCH, CPU):
                patches += len(self._model(self._normal(images)))
            with redirect_stderr(io.StringIO()):  # its progress bar of a thousand steps
                self._model.subsample_embedding(VECTORS / patches)
        self.size = len(self._model.memory_bank)
        self._model.eval()

    def score(self, images: Tensor) -> np.ndarray:
        with torch.inference_mode():
            return self._model(self._normal(images)).pred_score.flatten().numpy()

    def _normal(self, images: Tensor) -> Tensor:
        return (images - self._network.mean) / self._network.deviation
