"""A run folder without a model in it: what the registry does is the same for any folder."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from detection import Evaluation, MapScale, Threshold
from detection.results import Confusion, Roc


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    (folder / "plots").mkdir(parents=True)
    (folder / "weights.safetensors").write_bytes(b"weights" * 100)
    (folder / "config.json").write_text("{}")
    for name in ("roc.svg", "roc.png", "losses.svg"):
        (folder / "plots" / name).write_bytes(name.encode())
    return folder


@pytest.fixture
def result(run_dir: Path) -> SimpleNamespace:
    """What detection.train says, with the infinity that every ROC curve begins with."""
    evaluation = Evaluation(
        category="nut",
        method="unet",
        image_auroc=0.97,
        f1=0.9,
        precision=0.95,
        recall=None,
        threshold=0.01,
        threshold_policy="f1",
        judged_by="five folds",
        n_good=4,
        n_defect=4,
        confusion=Confusion(tp=3, fp=0, tn=4, fn=1),
        ms_per_image=3.0,
        roc=Roc(fpr=(0.0, 1.0), tpr=(0.0, 1.0), thresholds=(float("inf"), 0.1)),
    )
    return SimpleNamespace(
        run_dir=run_dir,
        threshold=Threshold(0.01, "f1", "on the test photos", 4, 4),
        map_scale=MapScale(0.001, 0.1),
        evaluation=evaluation,
        config={"size": 32},
    )
