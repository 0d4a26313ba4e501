"""What noise level, denoising steps and draws of noise change about `diffusion`, measured on stored runs.

    INSPECTOR_REAL_DATA=DATA RUNS=FOLDER [CATEGORIES=a,b] [SETTINGS=0.2/4/4,0.1/4/4] \\
        python -m benchmarks diffusion

FOLDER has a run of each category, FOLDER/<category>/<any name>, as `python -m detection train` writes it. A
setting is noise level / steps / draws. With each, the model learns again what is usual, but keeps its
network. Printed for each: the AUROC that separates good photos held out from damaged copies of them (with
damage that methods may learn from, with reserved kinds, and with thin defects); the image AUROC on the test
photos; CPU ms of a verdict with PyTorch.
"""

import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

import detection
from benchmarks import real_data
from benchmarks.installation import Installation
from detection import datasets
from detection.damage import Damage, apart, masks
from detection.learning.progress import Watch
from detection.methods.base import Model
from detection.methods.diffusion import Diffusion, DiffusionModel
from detection.methods.feature_maps import some
from detection.metrics.separation import Scores, auroc
from detection.photos.image_cache import ImageCache
from detection.runs import material
from detection.runs.material import Material
from detection.types import GOOD
from detection.verdicts.scoring import plain

_SETTINGS = "0.1/4/4,0.2/4/4,0.35/4/4,0.5/4/4,0.2/1/4,0.2/2/4,0.2/8/4,0.2/4/1,0.2/4/2,0.2/4/8"
_BATCH, _COPIES, _LEAST_PIXELS = 8, 3, 8


def main(site: Installation) -> None:
    for folder in real_data.categories():
        [run] = (Path(os.environ["RUNS"]) / folder.name).iterdir()
        model = detection.load(run, device="cpu", runtime="torch").model
        assert isinstance(model, DiffusionModel)
        data = datasets.scan(folder)
        images = material.read(data, model.method, Watch())
        damaged = _damaged(images.held_back, model.options.size)
        for setting in os.environ.get("SETTINGS", _SETTINGS).split(","):
            print(f"{folder.name:<14} {setting:<10} {_measure(model, setting, images, damaged)}", flush=True)


def _measure(model: DiffusionModel, setting: str, images: Material, damaged: dict[str, Tensor]) -> str:
    level, steps, draws = setting.split("/")
    options = replace(model.options, noise_level=float(level), ddim_steps=int(steps), draws=int(draws))
    method = replace(model.method, options=options)
    assert isinstance(method, Diffusion)
    seen = some(images.learned, method.sizes.epoch, method.options.seed)
    other = method.model(model.denoiser, seen, Watch())
    good = real_data.scores(other, images.held_back)
    areas = [f"{what} {auroc((good, _judged(other, copies))):.3f}" for what, copies in damaged.items()]
    start = time.process_time()
    test = real_data.scores(other, images.test)
    pace = 1000 * (time.process_time() - start) / len(test)
    defect = np.array([photo.label != GOOD for photo in images.photos])
    return f"{', '.join(areas)}; test {auroc((test[~defect], test[defect])):.3f}; {pace:.0f} ms"


def _damaged(photos: ImageCache, size: int) -> dict[str, Tensor]:
    """Copies of the photos that are visibly damaged, by kind."""
    good = torch.cat([batch for _, batch in photos.batches(_BATCH, torch.device("cpu"))])
    kinds = {
        "damage": Damage(size, 1),
        "apart": Damage(size, 1, kinds=apart.KINDS),
        "thin": Damage(size, 1, kinds=apart.THIN, shapes=masks.thin),
    }
    return {what: _copies(damage, good) for what, damage in kinds.items()}


def _copies(damage: Damage, good: Tensor) -> Tensor:
    generator, copies = torch.Generator().manual_seed(0), []
    for _ in range(_COPIES):
        damaged, marks = damage(good, good.flip(0), generator, clean=0.0)
        copies.append(damaged[marks.flatten(1).sum(dim=1) > _LEAST_PIXELS])
    return torch.cat(copies)


def _judged(model: Model, images: Tensor) -> Scores:
    return np.array(
        [score for batch in torch.split(images, _BATCH) for score in plain(model.judge(batch).scores)]
    )
