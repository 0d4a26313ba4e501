"""Good parts in other light: what it gains and costs to divide out how far a photo's level is raised.

    INSPECTOR_REAL_DATA=DATA [CATEGORIES=a,b] [METHODS=a,b] [SIZE=320] [TRAIN=10000] [PHOTOS=40] \\
        [DEFECTS=100] python -m benchmarks light

Each method learns each category as `train` does (from TRAIN photos at most), and a made-up one besides:
nuts at any angle, whose good test photos were taken in other light. At most PHOTOS good and DEFECTS
defective test photos are judged, drawn at random. The same model judges with what it learned of levels
("after") and without ("before"):

- the share of good test photos beyond the limit that 1 % of good parts may reach (conformal, from the
  leave-one-out scores of training photos), as they are and after each harmless change;
- the image AUROC on test photos as they are; with all of them in other light; with the good ones alone in it.

Not part of `make bench`: it takes minutes for each category and method.
"""

import os
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks import real_data
from benchmarks.installation import Installation
from benchmarks.relit import relit
from detection import Dataset, datasets, options, selection
from detection.damage import harmless
from detection.damage.draw import Draw
from detection.learning.progress import Watch
from detection.methods.base import Learner, Model, Taught
from detection.methods.fusion import FusionLeaveOneOut, FusionModel
from detection.methods.leave_one_out import PatchLeaveOneOut
from detection.methods.patch_model import PatchModel
from detection.methods.setting import Geometry
from detection.methods.unet_features import FeaturesLeaveOneOut, FeaturesModel
from detection.metrics.separation import Scores, auroc
from detection.normality import turns
from detection.normality.level import NOTHING
from detection.photos.image_cache import ImageCache
from detection.runs import material
from detection.verdicts.scoring import plain

_BATCH, _PROMISE = 8, 0.01
# All photos darker, lighter: a lamp of strength 2.
_LAMPS = {"darker": -2 / 3, "lighter": 2 / 3}
Change = Callable[[Tensor], Tensor]
# By what was done to the photos, their scores before and after.
ScoresBy = dict[str, tuple[Scores, Scores]]


def main(site: Installation) -> None:
    folders = real_data.categories()
    if not folders:
        return
    made = site.folder / "relit" / "nuts"
    relit(made)
    for name in os.environ.get("METHODS", "filterbank,patchcore-padim").split(","):
        shares, areas = {}, {}
        for folder in [*folders, made]:
            shares[folder.name], areas[folder.name] = _measure(folder, name)
            print(f"{name}, {folder.name}: {areas[folder.name]}", flush=True)
        _tell(f"{name}: good test photos beyond the 1 % limit, %, before > after", shares)
        _tell(f"{name}: image AUROC, before > after", areas)


def _measure(folder: Path, name: str) -> tuple[dict[str, str], dict[str, str]]:
    data = thinned(datasets.scan(folder), train=int(os.environ.get("TRAIN", 10_000)))
    learner, images = prepared(data, name, size=int(os.environ.get("SIZE", 320)))
    taught = learner.fit(images.learned, images.held_back, Watch())
    both = (_unlevelled(taught.model), taught.model)
    limits = [_limit(scores) for scores in _good(both, taught, images.learned)]
    labels = [photo.label for photo in images.photos]
    good = [number for number, label in enumerate(labels) if label == "good"]
    defects = sorted({*range(len(labels))} - {*good})
    of_good, of_defects = (
        _scores(both, images.test.subset(good)),
        _scores(both, images.test.subset(defects), lamps=True),
    )
    shares = {
        what: _arrow(f"{100 * np.mean(one > limit):.0f}" for one, limit in zip(scores, limits, strict=True))
        for what, scores in of_good.items()
    }
    return shares, _areas(of_good, of_defects)


def _areas(good: ScoresBy, defects: ScoresBy) -> dict[str, str]:
    wanted = {"as they are": ("as they are", "as they are")}
    for lamp in _LAMPS:
        wanted |= {f"all {lamp}": (lamp, lamp), f"good ones {lamp}": (lamp, "as they are")}
    return {
        what: _arrow(f"{auroc(both):.3f}" for both in zip(good[one], defects[other], strict=True))
        for what, (one, other) in wanted.items()
    }


def thinned(data: Dataset, train: int) -> Dataset:
    """At most so many training photos, and PHOTOS good and DEFECTS defective test photos."""
    draw = random.Random(0)
    kept = []
    for defect, most in ((False, "PHOTOS"), (True, "DEFECTS")):
        these = [image for image in data.test if image.is_defect == defect]
        kept += draw.sample(these, min(len(these), int(os.environ.get(most, (40, 100)[defect]))))
    learned = draw.sample(list(data.train), min(len(data.train), train))
    return replace(data, train=tuple(sorted(learned)), test=tuple(sorted(kept, key=lambda image: image.path)))


def prepared(data: Dataset, name: str, **chosen: Any) -> tuple[Learner, material.Material]:
    """The learner and its photos, prepared as by `detection.train`."""
    given, device, watch = options.for_method(name, **chosen), torch.device("cpu"), Watch()
    levels = material.levels(data, watch)
    geometry = Geometry(material.region(data, given, watch, levels), levels=levels)
    images = material.read(data, selection.create(given, device, geometry), watch)
    supported = turns.find(images.learned, given.seed, device, watch)
    return selection.create(given, device, replace(geometry, turns=supported)), images


def _unlevelled(model: Model) -> Model:
    """The same model without what it learned of levels."""
    if isinstance(model, PatchModel | FeaturesModel):
        return replace(model, level=NOTHING)
    if isinstance(model, FusionModel):
        return replace(model, members=tuple(_unlevelled(member) for member in model.members))
    return model


def _good(both: Sequence[Model], taught: Taught, learned: ImageCache) -> list[list[float]]:
    """The leave-one-out scores of training photos."""
    known, watch = taught.leave_one_out, Watch()
    if isinstance(known, FeaturesLeaveOneOut):
        each = [replace(known, model=model) for model in both if isinstance(model, FeaturesModel)]
        return [one.scores(learned, watch) or [] for one in each]
    if isinstance(known, FusionLeaveOneOut):
        fused = [replace(known, model=model) for model in both if isinstance(model, FusionModel)]
        return [one.scores(learned, watch) for one in fused]
    assert isinstance(known, PatchLeaveOneOut)
    both_scores: list[list[float]] = [[], []]
    for number, measures in known.each(learned, watch):
        for scores, judged in zip(
            both_scores, _judged(both, measures[None], learned.shapes[number]), strict=True
        ):
            scores += judged
    return both_scores


def _judged(both: Sequence[Model], measures: Tensor, shape: tuple[int, int]) -> list[list[float]]:
    """From measures of the same photos [N, 3, h, w], made once."""
    return [plain(model.judged(measures, shape).scores) for model in both if isinstance(model, PatchModel)]


def _limit(scores: Sequence[float]) -> float:
    """The score that at most 1 % of further good photos exceed; the largest one, where they are too few."""
    rank = int(np.ceil((len(scores) + 1) * (1 - _PROMISE)))
    return sorted(scores)[min(rank, len(scores)) - 1]


def _scores(both: Sequence[Model], photos: ImageCache, *, lamps: bool = False) -> ScoresBy:
    """As they are, under both lamps, and (unless `lamps`) after each harmless change."""
    draw = torch.Generator().manual_seed(0)
    changes: dict[str, Change] = {"as they are": lambda images: images}
    changes |= {lamp: _lamp(amount) for lamp, amount in _LAMPS.items()}
    if not lamps:
        changes |= {
            f"{name} {strength}": _change(name, strength, draw)
            for name in harmless.CHANGES
            for strength in harmless.STRENGTHS
        }
    both_scores: dict[str, list[list[float]]] = {what: [[], []] for what in changes}
    for _, images in photos.batches(_BATCH, both[0].device):
        for what, change in changes.items():
            shown = change(images)
            for scores, judged in zip(both_scores[what], _judge(both, shown), strict=True):
                scores += judged
    return {what: (np.array(one), np.array(other)) for what, (one, other) in both_scores.items()}


def _judge(both: Sequence[Model], images: Tensor) -> list[list[float]]:
    if not isinstance(both[0], PatchModel):
        return [plain(model.judge(images).scores) for model in both]
    with torch.inference_mode():
        return _judged(both, both[0].look(images)[0], (images.shape[2], images.shape[3]))


def _lamp(amount: float) -> Change:
    return lambda images: harmless.lamp(
        images, torch.full((len(images),), amount), Draw(torch.Generator(), images.device)
    ).clamp(0, 1)


def _change(name: str, strength: int, draw: torch.Generator) -> Change:
    return lambda images: harmless.changed(images, name, strength, draw)


def _arrow(values: Iterable[str]) -> str:
    return " > ".join(values)


def _tell(title: str, columns: dict[str, dict[str, str]]) -> None:
    """A table of Markdown: a row for each change, a column for each category."""
    rows = [[what, *(column[what] for column in columns.values())] for what in next(iter(columns.values()))]
    print(f"\n{title}\n")
    for cells in (["", *columns], ["---"] * (1 + len(columns)), *rows):
        print(f"| {' | '.join(cells)} |", flush=True)
