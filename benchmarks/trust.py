"""How often is it right to trust the networks of `unet-features`, and with which weight?

    [INSPECTOR_REAL_DATA=DATA] [CATEGORIES=a,b] [SIZE=256] [TRAIN=160] [MINUTES=0] python -m benchmarks trust

On real categories, where given, and twelve made-up ones (`made_up`). For each: the AUROC on damage kept apart
and on test photos, of the measures alone and with the networks by each weight; and what was decided. A
decision is right where no other would have been better by more than .005 on the test photos, which had no say
in it.

Not part of `make bench`: it takes minutes for each category.
"""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import light, made_up, real_data
from benchmarks.installation import Installation
from detection import datasets
from detection.learning.progress import Watch
from detection.methods import combine, joint_fit
from detection.methods.combine import NETWORKS
from detection.methods.evidence import Trial
from detection.methods.unet_features import FeaturesModel, UNetFeatures
from detection.metrics.separation import auroc
from detection.runs.material import Material
from detection.types import GOOD

LEVEL = 0.005
_BATCH = 8
# Weights tried, and none.
WEIGHTS = (0.0, *reversed(combine.WEIGHTS))


def main(site: Installation) -> None:
    made = made_up.categories(site.folder / "made-up")
    folders = [*(real_data.categories() if "INSPECTOR_REAL_DATA" in os.environ else []), *made]
    rows = []
    for folder in folders:
        rows.append(_measure(folder))
        print(json.dumps(rows[-1]), flush=True)
    print("| category | on damage kept apart | on test photos | decided | right |\n|---|---|---|---|---|")
    for row in rows:
        areas = (", ".join(f"{area:.3f}" for area in row[of].values()) for of in ("proof", "test"))
        right = "yes" if row["right"] else "no"
        print("| " + " | ".join([row["category"], *areas, f"{row['weight']:g}", right]) + " |")
    print(f"Right: {sum(row['right'] for row in rows)} of {len(rows)}. AUROC by weight {WEIGHTS}.")


def _measure(folder: Path) -> dict[str, Any]:
    data = light.thinned(datasets.scan(folder), train=int(os.environ.get("TRAIN", 160)))
    size, minutes = int(os.environ.get("SIZE", 256)), float(os.environ.get("MINUTES", 0))
    method, images = light.prepared(data, NETWORKS, size=size, minutes=minutes)
    assert isinstance(method, UNetFeatures)
    joint = joint_fit.learn(method.parts, images.learned, Watch())
    model = method.of(joint).model
    assert isinstance(model, FeaturesModel) and joint.evidence
    trial, decided = joint.evidence.trial(NETWORKS), model.weight if model.trusted else 0.0
    tested = {weight: _tested(model, trial, images, weight) for weight in WEIGHTS}
    return {
        "category": folder.name,
        "proof": {weight: round(auroc(trial.by_weight[weight][1]), 3) for weight in WEIGHTS},
        "test": {weight: round(area, 3) for weight, area in tested.items()},
        "weight": decided,
        "right": tested[decided] >= max(tested.values()) - LEVEL,
    }


def _tested(model: FeaturesModel, trial: Trial, images: Material, weight: float) -> float:
    """The AUROC on test photos with this weight."""
    other = replace(model, trusted=weight > 0, weight=weight or 1.0, level=trial.by_weight[weight][0])
    scores = np.zeros(len(images.photos))
    for numbers, photos in images.test.batches(_BATCH, model.device):
        scores[numbers.numpy()] = other.judge(photos).scores.numpy()
    good = np.array([photo.label == GOOD for photo in images.photos])
    return auroc((scores[good], scores[~good]))
