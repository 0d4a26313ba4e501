"""Nearest good: the most unusual patches of a photo, each beside the good patch that it was compared with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from detection.errors import UnreadableImage
from detection.explanations.shown import Shown, around
from detection.explanations.types import Explanation, GoodPhoto, NotExplained, Question
from detection.judging.detector import Detector
from detection.learning import device as devices
from detection.methods.base import Compared
from detection.normality.bank import OF_ANOTHER
from detection.normality.turns import AS_IS, Turn
from detection.options.explanations import KINDS, NEAREST
from detection.photos.region import Box
from detection.photos.transforms import to_unit
from detection.verdicts.scoring import plain

# How many patches are shown, and the side of what is cut out around each: a share of the shorter side.
COUNT = 3
_CUT = 0.18
TRAIN_AGAIN = (
    "This run was trained before 30 November 2026 and does not know which photos its patches are from. "
    "Retrain the category to see them."
)


@dataclass(slots=True)
class _Work:
    """What is known while the explanation is put together. seen: good photos by number and turn."""

    question: Question
    pictures: dict[str, Image.Image] = field(default_factory=dict)
    seen: dict[tuple[int, int], tuple[GoodPhoto, Shown | None]] = field(default_factory=dict)

    @property
    def detector(self) -> Detector:
        return self.question.detector

    def good(self, number: int, turn: int) -> tuple[GoodPhoto, Shown | None]:
        if (number, turn) not in self.seen:
            good = self.question.goods.find(self.detector.dataset["learned"][number])
            self.seen[number, turn] = good, self._shown(good, turn)
        return self.seen[number, turn]

    def turn(self, number: int) -> Turn:
        return self.detector.model.geometry.turns.copies[number - 1] if number else AS_IS

    def _shown(self, good: GoodPhoto, turn: int) -> Shown | None:
        if good.photo is None:
            return None
        try:
            return Shown.of(good.photo, self.detector, self.turn(turn))
        except (UnreadableImage, OSError):
            return None


@devices.repeatable()
def explain(question: Question) -> Explanation:
    """Raises NotExplained for a method without a bank; UnreadableImage."""
    detector, threshold, on_step = question.detector, question.threshold, question.on_step
    shown = Shown.of(question.photo, detector)
    images = to_unit(shown.prepared.pixels[None], detector.model.device)
    on_step(0, COUNT + 1)
    compared = detector.model.compared(images)
    if not compared:
        raise NotExplained(f"{KINDS[NEAREST].lacking} Method: {detector.method}.")
    judged = detector.model.judge(images)
    work = _Work(question)
    side = max(_CUT * min(shown.shape), 8.0)
    places = worst(judged.maps[0], COUNT, side)
    boxes = [around(x, y, side, shown.shape) for x, y, _ in places]
    patches = []
    for number, ((x, y, value), box) in enumerate(zip(places, boxes, strict=True), 1):
        on_step(number, COUNT + 1)
        work.pictures[str(number)] = shown.cutout(box)
        patches.append(
            {
                "number": number,
                "box": list(shown.in_photo(box)),
                "times": value / threshold if threshold > 0 else None,
                "picture": str(number),
                "goods": [_good(work, one, number, (x, y), shown.shape) for one in compared],
            }
        )
    work.pictures["photo"] = shown.marked(boxes, numbered=True)
    known = all(one.bank.origins is not None for one in compared)
    score = plain(judged.scores)[0]
    facts: dict[str, Any] = {
        "score": score,
        "threshold": threshold,
        "photos": len(detector.dataset.get("learned", ())),
        "note": "" if known else TRAIN_AGAIN,
        "patches": patches,
    }
    facts["says"] = [_summary(facts), *map(_sentence, patches), *([] if known else [TRAIN_AGAIN])]
    return Explanation(NEAREST, facts, work.pictures, _painted(places, boxes, shown.shape))


def _painted(
    places: list[tuple[float, float, float]], boxes: list[Box], shape: tuple[int, int]
) -> NDArray[np.float32]:
    """The boxes, each filled with the value of its place."""
    painted = np.zeros(shape, np.float32)
    for (_, _, value), (left, top, right, bottom) in reversed(list(zip(places, boxes, strict=True))):
        rows = slice(round(top * shape[0]), round(bottom * shape[0]))
        columns = slice(round(left * shape[1]), round(right * shape[1]))
        painted[rows, columns] = np.maximum(painted[rows, columns], value)
    return painted


def _summary(facts: dict[str, Any]) -> str:
    photos = f"{facts['photos']:,} good photos"
    if facts["score"] < facts["threshold"]:
        return f"The photo's most unusual places, each beside the most similar patch of {photos}."
    return f"Here it looks unlike anything in {photos}; this is what comes closest."


def _sentence(patch: dict[str, Any]) -> str:
    """About a patch and the good patch that it is farthest from in units of what is usual there."""
    good = max(patch["goods"], key=lambda one: one["times"] or 0.0)
    if good["times"]:
        away = (
            f"{good['times']:.1f} times as far from the nearest good patch as good patches there are from "
            "each other"
        )
    else:
        away = f"at a distance of {good['distance']:.3g} from the nearest good patch"
    where = f" (in {good['photo']})" if "photo" in good else ""
    return f"{patch['number']}: {away}{where}."


def worst(anomaly_map: Tensor, count: int, apart: float) -> list[tuple[float, float, float]]:
    """The `count` highest places of a map [H, W], at least `apart` px from each other: x, y and value.

    Fewer where the map is small or has no further value above zero.
    """
    left = anomaly_map.float().cpu().clone()
    rows = torch.arange(left.shape[0])[:, None]
    columns = torch.arange(left.shape[1])[None]
    places: list[tuple[float, float, float]] = []
    while len(places) < count:
        place = int(left.argmax())
        y, x = divmod(place, left.shape[1])
        value = float(left[y, x])
        if places and value <= 0:
            break
        places.append((x + 0.5, y + 0.5, value))
        left[((rows - y).abs() < apart) & ((columns - x).abs() < apart)] = -1.0
    return places


def _good(
    work: _Work, one: Compared, number: int, place: tuple[float, float], shape: tuple[int, int]
) -> dict[str, Any]:
    """The good patch that a bank has for the patch at this place (x, y) of a picture [height, width]."""
    grid = one.patches.shape[2:]
    row = min(int(place[1] * grid[0] / shape[0]), grid[0] - 1)
    column = min(int(place[0] * grid[1] / shape[1]), grid[1] - 1)
    patch = one.patches[:, :, row : row + 1, column : column + 1]
    with torch.inference_mode():
        distance, vector = one.bank.nearest(patch)
        usual = float(one.bank.around(vector.flatten())[0])
    away = float(distance.flatten()[0])
    said = {
        "method": one.method,
        "part": one.part,
        "distance": away,
        "usual": usual,
        "times": away / usual if usual > 0 else None,
    }
    return said | _origin(work, one, int(vector.flatten()[0]), f"{number}-{len(work.pictures)}")


def _origin(work: _Work, one: Compared, vector: int, name: str) -> dict[str, Any]:
    """Which photo a vector of a bank is from, and where; {} where the run does not say."""
    if one.bank.origins is None:
        return {}
    number, turn, row, column = one.bank.origins[vector].tolist()
    if number == OF_ANOTHER:
        return {"gone": "on a photo of another category of its family"}
    good, shown = work.good(number, turn)
    degrees, mirrored = work.turn(turn)
    said: dict[str, Any] = {
        "photo": good.name,
        "sha256": work.detector.dataset["learned"][number],
        "degrees": degrees,
        "mirrored": mirrored,
    }
    if shown is None:
        return said | {"gone": good.why or "it cannot be read any more"}
    if good.why:
        said["about"] = good.why
    box = _box(one, (row, column), shown)
    work.pictures[name] = shown.cutout(box)
    work.pictures[f"{name}-where"] = shown.marked([box])
    where = {} if turn else {"box": list(shown.in_photo(box))}
    return said | where | {"picture": name, "where": f"{name}-where"}


def _box(one: Compared, place: tuple[int, int], shown: Shown) -> Box:
    """What is cut out around a patch of a good photo, whose feature maps are as fine as the photo's own."""
    height, width = shown.shape
    side = max(_CUT * min(shown.shape), 8.0)
    return around((place[1] + 0.5) * one.stride, (place[0] + 0.5) * one.stride, side, (height, width))
