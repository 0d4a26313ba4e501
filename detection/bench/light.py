"""Were the good test photos taken in the same light as the training photos?"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from detection.explore.look import Item, Look, look
from detection.explore.tells import taken
from detection.explore.types import TEST, TRAIN, MeasuredPhoto
from detection.judging import detector
from detection.methods.base import Model
from detection.methods.patch_model import PatchModel
from detection.normality.level import levels
from detection.photos.transforms import to_unit
from detection.types import GOOD, Dataset

# How many photos of each kind are compared, how many are judged again, and the fewest that prove anything.
_LOOKED_AT, _JUDGED, _FEWEST = 60, 20, 8


def compare(dataset: Dataset, run_dir: Path | str) -> dict[str, Any] | None:
    """Good test photos compared with training photos; None where there are none of one kind.

    brightness: difference of the medians, grey levels. sharpness: ratio of the medians. level: the level of
    their maps (the median of what the run measures) divided by that of good photos not learned from; None
    where the run does not know it. said: in words, what nearly all of them differ in.
    """
    good = [image.path for image in dataset.test if not image.is_defect]
    train = _photos(dataset.train, TRAIN, dataset)
    test = _photos(good, TEST, dataset)
    if not train or not test:
        return None
    ratio, raised = _level(run_dir, _some(good, _JUDGED))
    brightness = np.median([photo.brightness for photo in test]) - np.median([p.brightness for p in train])
    sharpness = np.median([photo.sharpness for photo in test]) / max(
        float(np.median([photo.sharpness for photo in train])), 1e-6
    )
    said = taken(train, test)
    if raised:
        said.append(f"judged {ratio:.1f} times as unusual all over")
    return {
        "brightness": round(float(brightness), 1),
        "sharpness": round(float(sharpness), 2),
        "level": ratio,
        "said": said,
    }


def _photos(paths: Sequence[Path], split: str, dataset: Dataset) -> list[MeasuredPhoto]:
    items = [Item(dataset.name_of(path), split, GOOD, path) for path in _some(paths, _LOOKED_AT)]
    return [result.photo for result in map(look, items) if isinstance(result, Look)]


def _some(paths: Sequence[Path], count: int) -> list[Path]:
    return random.Random(0).sample(sorted(paths), min(count, len(paths)))  # noqa: S311 - no secret


def _level(run_dir: Path | str, paths: Sequence[Path]) -> tuple[float | None, bool]:
    """The level of these photos' maps divided by the usual level, and whether for most of them it is higher
    than for nearly all good photos."""
    measuring = _measuring(detector.load(run_dir).model)
    if measuring is None or not measuring.level.learned:
        return None, False
    measured_levels = []
    with torch.inference_mode():
        for path in paths:
            images = to_unit(measuring.prepare(path).pixels[None], measuring.device)
            measured_levels.append(float(levels(measuring.product(measuring.look(images)[0]))))
    middle = float(np.median(measured_levels))
    raised = len(measured_levels) >= _FEWEST and middle > measuring.level.start
    return round(float(np.exp(middle - measuring.level.usual)), 2), raised


def _measuring(model: Model) -> PatchModel | None:
    """The model itself or the first of its parts that measures patches."""
    if isinstance(model, PatchModel):
        return model
    every = (*getattr(model, "parts", ()), *getattr(model, "members", ()))
    return next((part for part in map(_measuring, every) if part), None)
