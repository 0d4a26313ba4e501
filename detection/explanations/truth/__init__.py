"""Are explanations true? Pointing game, deletion and insertion, shuffled weights, agreement between kinds.

    from detection.explanations.truth import check
    check(load(run), datasets.scan("data/bottle"), goods)

What each number means, and which explanations fail: docs/explanations.md.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detection.errors import BadDataset
from detection.explanations import EXPLAIN, background
from detection.explanations.truth import curves, marked, shuffled
from detection.explanations.truth.report import Row, row_of
from detection.explanations.types import GoodPhotos, Question, ignore
from detection.judging.detector import Detector
from detection.options.explanations import KindInfo, capable
from detection.photos import masks
from detection.photos.transforms import to_unit
from detection.types import Dataset, LabelledImage, OnStep

# The anomaly map and a random order, compared with the explanations.
MAP, CHANCE = "anomaly map", "chance"
# Number of photos that are explained again by a shuffled model.
SHUFFLED = 5


@dataclass(slots=True)
class Seen:
    """What one kind said of one photo. hit: None without a mask. rho: rank correlations with other
    kinds; shuffled: with itself by a shuffled model."""

    hit: bool | None
    area: float
    curves: curves.Curves | None
    seconds: float
    rho: dict[str, float]
    shuffled: float | None = None


def check(
    detector: Detector,
    dataset: Dataset,
    goods: GoodPhotos,
    *,
    defects: int = 20,
    kinds: Sequence[str] = (),
    seconds: float = 10.0,
    on_photo: OnStep = ignore,
) -> list[Row]:
    """A row for each kind that the method has, for the anomaly map, and for a random order.

    defects: how many defective test photos to use, spread evenly over their kinds; only those with masks
    where there are any. seconds: for one SHAP. Raises BadDataset without such photos.
    """
    photos = chosen(dataset, defects)
    if not photos:
        raise BadDataset(f"{dataset.category} has no defective test photos to check against.")
    infos = [kind for kind in capable(detector.method) if not kinds or kind.name in kinds]
    broken = shuffled.detector(detector)
    how = masks.convention(image.mask for image in dataset.test)
    seen: dict[str, list[Seen]] = defaultdict(list)
    for number, photo in enumerate(photos):
        on_photo(number, len(photos))
        other = broken if number < SHUFFLED else None
        _look(detector, other, photo, how, goods, infos, seconds, seen)
    on_photo(len(photos), len(photos))
    chance = [one.curves for one in seen[CHANCE] if one.curves]
    return [row_of(kind, each, chance) for kind, each in seen.items()]


def chosen(dataset: Dataset, count: int) -> list[LabelledImage]:
    """Up to `count` defective photos, one of each kind in turn, by name."""
    masked = any(photo.mask is not None for photo in dataset.test)
    by_kind: dict[str, list[LabelledImage]] = defaultdict(list)
    for photo in dataset.test:
        if photo.is_defect and (photo.mask is not None or not masked):
            by_kind[photo.label].append(photo)
    turns = range(max(map(len, by_kind.values()), default=0))
    every = [of_kind[turn] for turn in turns for of_kind in by_kind.values() if turn < len(of_kind)]
    return every[:count]


def _look(
    detector: Detector,
    broken: Detector | None,
    photo: LabelledImage,
    how: masks.Convention,
    goods: GoodPhotos,
    infos: Sequence[KindInfo],
    seconds: float,
    seen: dict[str, list[Seen]],
) -> None:
    """One photo by every kind."""
    question = Question(detector, photo.path, goods, detector.threshold.value, ignore, seconds)
    prepared = detector.prepare(photo.path)
    image = to_unit(prepared.pixels[None], detector.model.device)[0]
    where = marked.of(photo, prepared, how)
    ground = background.find(question, image)
    maps: dict[str, NDArray[np.float32]] = {}
    took: dict[str, float] = defaultdict(float)
    for info in infos:
        start = time.perf_counter()
        attribution = EXPLAIN[info.name](question).attribution
        took[info.name] = time.perf_counter() - start
        assert attribution is not None
        maps[info.name] = attribution
    maps[MAP] = detector.model.judge(image[None]).maps[0].float().cpu().numpy()
    maps[CHANCE] = np.random.default_rng(len(seen[CHANCE])).random(maps[MAP].shape).astype(np.float32)
    for name, attribution in maps.items():
        others = {o: curves.rank(attribution, maps[o]) for o in maps if o not in (name, CHANCE)}
        hit, area = (None, 0.0) if where is None else marked.hit(attribution, where)
        line = curves.of(detector.model, image, ground, attribution)
        one = Seen(hit, area, line, took[name], others)
        if broken is not None and name != CHANCE:
            one.shuffled = _again(broken, question, name, attribution)
        seen[name].append(one)


def _again(broken: Detector, question: Question, name: str, attribution: NDArray[np.float32]) -> float | None:
    """How similar the explanation is if the learned values of the model are shuffled."""
    asked = Question(broken, question.photo, question.goods, question.threshold, ignore, question.seconds)
    if name == MAP:
        pixels = to_unit(broken.prepare(question.photo).pixels[None], broken.model.device)
        other: NDArray[np.float32] | None = broken.model.judge(pixels).maps[0].float().cpu().numpy()
    else:
        other = EXPLAIN[name](asked).attribution
    return None if other is None else curves.rank(attribution, other)
