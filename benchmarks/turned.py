"""Parts at any angle: the image AUROC that turned copies gain where parts do not lie the same way.

    INSPECTOR_REAL_DATA=DATA [CATEGORIES=a,b] [METHODS=a,b] python -m benchmarks turned

Each photo of each category is turned by an angle of its own, on a ground of its border's colour; then
`detection bench` measures the methods with `augment` off and auto. Not part of `make bench`: it
takes minutes.
"""

import os
import random
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks import real_data
from benchmarks.installation import Installation
from detection import bench, datasets
from detection.photos.images import decode


def main(site: Installation) -> None:
    folders = real_data.categories("bottle,pill,circuitboard,cookies")
    if not folders:
        return
    methods = os.environ.get("METHODS", "filterbank,patchcore-padim").split(",")
    data = site.folder / "turned"
    for folder in folders:
        _turn(folder, data / folder.name)
    for augment in ("off", "auto"):
        print(f"augment={augment}", flush=True)
        plan = bench.Plan(data, tuple(methods), site.folder / augment, set={"augment": augment})
        bench.run(plan, lambda *_: None, _tell)


def _turn(folder: Path, out: Path) -> None:
    """Without masks: only the image AUROC is measured."""
    draw, dataset = random.Random(0), datasets.scan(folder)
    for path in sorted([*dataset.train, *(image.path for image in dataset.test)]):
        to = (out / path.relative_to(folder)).with_suffix(".png")
        to.parent.mkdir(parents=True, exist_ok=True)
        photo = decode(path)
        pixels = np.asarray(photo)
        border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
        ground = tuple(int(value) for value in np.median(border, axis=0))
        photo.rotate(draw.uniform(0, 360), Image.Resampling.BICUBIC, fillcolor=ground).save(to)


def _tell(row: bench.Row) -> None:
    if "error" in row:
        print(f"{row['category']:<14} {row['method']:<18} failed: {row['error']['message']}", flush=True)
        return
    auroc = row["evaluation"]["image_auroc"]
    print(
        f"{row['category']:<14} {row['method']:<18} image AUROC {auroc:.3f}  {row['cpu_seconds']:.0f} CPU s",
        flush=True,
    )
