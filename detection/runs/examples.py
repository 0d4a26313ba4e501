"""Example photos for a run's pages: good parts and each kind of defect, with their heatmaps.

plots/example-<kind>-<n>.jpg    the photo with its heatmap, the most obvious first
plots/examples.json             [{"file", "label", "score", "threshold", "verdict"}]: the label as it is,
                                a threshold chosen without the photo
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from detection.drawing import heatmap
from detection.files import artifact, storage
from detection.judging.calibration import Scored
from detection.judging.detector import Detector
from detection.photos import images
from detection.types import GOOD, Prediction

INDEX = "examples.json"
# Maximum number of kinds of defect, of photos of each kind and of good ones, and px of the longer side: a
# page of small pictures for any category.
KINDS = 20
PER_KIND = 3
SIDE = 320
_BATCH = 8


def write(
    folder: Path,
    detector: Detector,
    paths: Sequence[Path],
    scored: Sequence[Scored],
    check: Callable[[], None],
) -> None:
    """Judge the chosen labelled images again and draw them into the folder.

    paths: of `scored`, in its order. `check` is called between batches and may raise.
    """
    chosen = [(name, place) for name, places in _chosen(scored) for name, place in _named(name, places)]
    rows = []
    for start in range(0, len(chosen), _BATCH):
        check()
        batch = chosen[start : start + _BATCH]
        judged = _judged(detector, [paths[place] for _, place in batch])
        for (name, place), (photo, prediction) in zip(batch, judged, strict=True):
            overlay = heatmap.overlay(photo, prediction.anomaly_map, detector.map_scale)
            storage.write_image(folder / name, overlay, "JPEG", quality=85)
            rows.append(_row(name, scored[place], prediction))
    artifact.write_json(folder, INDEX, rows)


def choose(scored: Sequence[Scored], most: int = PER_KIND) -> list[int]:
    """The positions of the most obvious, median and least obvious photo; identical photos count once."""
    distinct = {one.photo.sha256: place for place, one in reversed(list(enumerate(scored)))}
    ranked = sorted(distinct.values(), key=lambda place: -scored[place].score)
    if len(ranked) <= most:
        return ranked
    steps = [round(n * (len(ranked) - 1) / (most - 1)) for n in range(most)]
    return [ranked[step] for step in steps]


def _chosen(scored: Sequence[Scored]) -> Iterator[tuple[str, list[int]]]:
    """For good photos and each kind of defect, a name that is safe in file names, and the chosen
    positions."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(scored):
        places[one.photo.label].append(place)
    used: set[str] = set()
    for label in sorted(places, key=lambda label: (label != GOOD, label))[: KINDS + 1]:
        name = _safe(label, used)
        of_label = places[label]
        yield name, [of_label[n] for n in choose([scored[place] for place in of_label])]


def _safe(label: str, used: set[str]) -> str:
    """Labels are free text; two that give the same file name are numbered."""
    plain = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")[:40].strip("-") or "kind"
    name, number = plain, 1
    while name in used:
        number += 1
        name = f"{plain}-{number}"
    used.add(name)
    return name


def _named(name: str, places: Sequence[int]) -> list[tuple[str, int]]:
    return [(f"example-{name}-{number}.jpg", place) for number, place in enumerate(places, 1)]


def _judged(detector: Detector, paths: Sequence[Path]) -> list[tuple[Image.Image, Prediction]]:
    """Each photo, decoded once and then shrunk, with its prediction."""
    prepared, small = [], []
    for path in paths:
        photo = images.decode(path, levels=detector.levels)
        prepared.append(detector.prepare(photo))
        photo.thumbnail((SIDE, SIDE))
        small.append(photo)
    return list(zip(small, detector.predict(prepared), strict=True))


def _row(name: str, one: Scored, prediction: Prediction) -> dict[str, Any]:
    judged = replace(prediction, score=one.score, threshold=one.threshold)
    return {
        "file": name,
        "label": one.photo.label,
        "score": one.score,
        "threshold": one.threshold,
        "verdict": judged.verdict,
    }
