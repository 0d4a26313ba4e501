"""Were the good test photos taken in the light that the training photos were taken in?"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from detection.explore.look import Item, Look, look
from detection.explore.tells import taken
from detection.explore.types import TEST, TRAIN, Photo
from detection.judging import detector
from detection.methods.base import Model
from detection.methods.patch_model import PatchModel
from detection.normality.level import levels
from detection.photos.transforms import to_unit
from detection.types import GOOD, Dataset

# So many photos of each kind tell, and so many are judged once more; fewer prove nothing.
_LOOKED_AT, _JUDGED, _FEWEST = 60, 20, 8


def compare(dataset: Dataset, run_dir: Path | str) -> dict[str, Any] | None:
    """Good test photos against training photos; None where there are none of one kind.

    brightness: by how much the median differs, grey levels. sharpness: how many times that of training
    photos. level: how many times the level of their maps (the median of what the run measures) is that of
    good photos not learned from; None where the run knows none. said: in what they differ, nearly all of
    them, in words.
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


def _photos(paths: Sequence[Path], split: str, dataset: Dataset) -> list[Photo]:
    items = [Item(dataset.name_of(path), split, GOOD, path) for path in _some(paths, _LOOKED_AT)]
    return [found.photo for found in map(look, items) if isinstance(found, Look)]


def _some(paths: Sequence[Path], count: int) -> list[Path]:
    return random.Random(0).sample(sorted(paths), min(count, len(paths)))  # noqa: S311 - no secret


def _level(run_dir: Path | str, paths: Sequence[Path]) -> tuple[float | None, bool]:
    """How many times the usual the level of these photos' maps is, and whether that of most is above what
    nearly all good photos keep to."""
    part = _measuring(detector.load(run_dir).model)
    if part is None or not part.level.learned:
        return None, False
    found = []
    with torch.inference_mode():
        for path in paths:
            images = to_unit(part.prepare(path).pixels[None], part.device)
            found.append(float(levels(part.product(part.look(images)[0]))))
    middle = float(np.median(found))
    raised = len(found) >= _FEWEST and middle > part.level.start
    return round(float(np.exp(middle - part.level.usual)), 2), raised


def _measuring(model: Model) -> PatchModel | None:
    """The model, or the first of its parts, that measures patches."""
    if isinstance(model, PatchModel):
        return model
    every = (*getattr(model, "parts", ()), *getattr(model, "members", ()))
    return next((part for part in map(_measuring, every) if part), None)
