"""What `auto` chooses from: its parts are trained once, and every candidate judges the test photos.

    INSPECTOR_REAL_DATA=DATA [CATEGORIES=a,b] [SEEDS=0,1,2] [SIZE=320] python -m benchmarks contest
    MADE_UP=1 SIZE=256 python -m benchmarks contest

For each category and seed: the image AUROC of each candidate on damage kept apart (by which `auto` decides)
and on the test photos; which one `auto` chooses with pretrained weights and without; and the share of
resamples in which each is better than the usual one. WEIGHTS names a file of backbone weights. With MADE_UP,
made-up categories (`made_up`) are used in place of real ones.

Unlike that of `auto`, the training has no time limit: other work on the machine makes it slower, not worse.
Not part of `make bench`: it takes five minutes to half an hour for each category and seed.
"""

import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import made_up, real_data
from benchmarks.installation import Installation
from benchmarks.light import prepared
from detection import datasets
from detection.learning.progress import Watch
from detection.methods import joint_fit
from detection.metrics import image as metrics
from detection.metrics.separation import auroc, sureness
from detection.options.catalogue import AUTO, needs_weights
from detection.selection.contest import CANDIDATES, Contest
from detection.selection.ranking import decide


def main(site: Installation) -> None:
    for seed in real_data.seeds():
        made = made_up.categories(site.folder / "made-up") if os.environ.get("MADE_UP") else []
        for folder in made or real_data.categories():
            _measure(folder, seed)


def _measure(folder: Path, seed: int) -> None:
    start = time.process_time()
    data = datasets.scan(folder)
    chosen: dict[str, Any] = {"size": int(os.environ.get("SIZE", 320)), "minutes": 0.0, "seed": seed}
    if weights := os.environ.get("WEIGHTS"):
        chosen["weights"] = weights
    learner, images = prepared(data, AUTO, **chosen)
    assert isinstance(learner, Contest)
    parts, _ = learner.parts()
    joint = joint_fit.learn(list(parts.values()), images.learned, Watch())
    assert joint.evidence is not None
    fitted = time.process_time() - start
    defect = np.array([photo.label != "good" for photo in images.photos])
    about, reached = f"{folder.name:<14} {seed}", {}
    able = [name for name in CANDIDATES if weights or not needs_weights(name)]
    proof = {name: joint.evidence.trial(name).scores for name in able}
    for name in able:
        scores = real_data.scores(learner.candidate(name, joint).model, images.test)
        reached[name] = metrics.image_auroc(scores, defect)
        print(f"{about} {name:<30} apart {auroc(proof[name]):.3f} test {reached[name]:.3f}", flush=True)
    groups = {"with": able} if weights else {}
    groups["without"] = [name for name in able if not needs_weights(name)]
    for what, names in groups.items():
        best, why = decide({name: proof[name] for name in names}, names[0], joint.evidence.lit)
        largest = max(reached[name] or 0 for name in names)
        words = f"{best} {reached[best]:.3f}, largest {largest:.3f}. {why.sentence()}"
        print(f"{about} {what} weights: {words}", flush=True)
        sure = {name: sureness(proof[name], proof[names[0]], joint.evidence.lit) for name in names[1:]}
        shares = ", ".join(f"{name} {share:.2f}" for name, share in sure.items())
        print(f"{about} better than {names[0]} in: {shares}", flush=True)
    print(f"{about} {fitted:.0f} CPU s to learn, {time.process_time() - start:.0f} in all", flush=True)
