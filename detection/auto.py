"""Which method for a category? Found out on damage made for the purpose; no test label is looked at.

Each candidate learns from some of the good photos. Others, which it has not seen, are then judged as
they are and damaged (see `damage`), all candidates the same ones. The method that tells the damaged
from the whole best is taken; two of them fused, where that is better beyond what chance explains.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from detection import cutoffs, methods, weights
from detection.catalogue import METHODS
from detection.damage import Damage
from detection.errors import WeightsMissing
from detection.material import region
from detection.methods.base import Method
from detection.methods.fusion import SIGN, Fusion
from detection.metrics import image_auroc
from detection.progress import Watch
from detection.shelf import Shelf, fill
from detection.transforms import Prepare
from detection.types import Dataset, TrainOptions

# In the order in which they are preferred where nothing tells them apart.
CANDIDATES = ("patchcore-padim", "filterbank")
# Good photos that candidates learn from and are probed with, and damaged copies of the latter, at most.
LEARNED, PROBES, DAMAGED = 160, 40, 120
_SHARE = 0.3
_LEAST = 6
# A fusion costs the time of both; it is taken where it is better in so many of resampled probes.
_SURE = 0.9
_DRAWS = 500
# The damaged share of a photo at which small damage ends, and medium damage.
_SIZES = {"small": 0.003, "medium": 0.015, "large": 1.0}
_BATCH = 8


@dataclass(frozen=True, slots=True)
class Candidate:
    """How a method did. score: AUROC of damaged against whole photos, with its 95 % interval.

    by_damage: the same by the size of the damage. false_alarms: whole photos above a threshold that
    5 % of the other ones exceed. left_out: why it could not be tried, "" where it was.
    """

    method: str
    score: float | None = None
    interval: tuple[float, float] | None = None
    false_alarms: dict[str, int] = field(default_factory=dict)
    by_damage: dict[str, float | None] = field(default_factory=dict)
    seconds: float = 0.0
    ms_per_image: float = 0.0
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The method chosen, why in a sentence, and the evidence, the best first."""

    chosen: str
    why: str
    candidates: tuple[Candidate, ...]
    n_learned: int
    n_probes: int
    n_damaged: int
    used_labels: bool = False

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A fitted candidate and its scores of the whole and of the damaged photos."""

    method: Method
    whole: NDArray[np.float64]
    damaged: NDArray[np.float64]
    seconds: float
    ms_per_image: float

    def auroc(self, whole: NDArray[np.int64] | slice, damaged: NDArray[np.int64] | slice) -> float:
        scores = np.concatenate([self.whole[whole], self.damaged[damaged]])
        good = len(self.whole[whole])
        return float(image_auroc(scores, np.arange(len(scores)) >= good) or 0.0)


class Probes:
    """Good photos nobody learned from, and the sizes of the damage done to copies of them."""

    def __init__(self, shelf: Shelf, options: TrainOptions, device: torch.device) -> None:
        self.shelf = shelf
        self._options = options
        self._device = device
        self._copies = max(1, DAMAGED // len(shelf))
        self.sizes: list[float] = []

    def judge(self, method: Method, watch: Watch) -> tuple[list[float], list[float]]:
        """Scores of the whole photos and of the damaged copies: the same damage for each method."""
        damage = Damage(self._options.size, self._options.seed, self._device)
        generator = torch.Generator().manual_seed(self._options.seed)
        whole, damaged = [], []
        self.sizes = []
        for _, images in self.shelf.batches(_BATCH, self._device):
            watch.check()
            whole += method.judge(images).scores.tolist()
            for _ in range(self._copies):
                copies, marks = damage(images, images.roll(1, dims=0), generator, clean=0.0)
                shares = marks.mean(dim=(1, 2, 3))
                seen = shares > 0
                if seen.any():
                    self.sizes += shares[seen].tolist()
                    damaged += method.judge(copies[seen]).scores.tolist()
        return whole, damaged


def choose(dataset: Dataset, options: TrainOptions, device: torch.device, watch: Watch) -> Ranking:
    """Try the candidates and rank them. Raises BadDataset naming photos that cannot be read."""
    learned, probed = _split(dataset, options.seed)
    if not learned:
        return _untried(dataset, options)
    where = region(dataset, options, watch) if options.crop == "auto" else None
    candidates = [methods.create(replace(options, method=name), device) for name in CANDIDATES]
    for method in candidates:
        method.region = where
    prepare = candidates[0].prepare
    probes = Probes(_fill(probed, prepare, watch), options, device)
    shelf = _fill(learned, prepare, watch)
    trials, left_out = _trials(candidates, shelf, probes, watch)
    trials += [_fused(pair, probes, options, watch) for pair in combinations(trials, 2)]
    return _ranking(trials, left_out, probes, len(learned))


def _trials(
    candidates: Sequence[Method], learned: Shelf, probes: Probes, watch: Watch
) -> tuple[list[Trial], list[Candidate]]:
    trials, left_out = list[Trial](), list[Candidate]()
    for done, method in enumerate(candidates):
        watch.tell("comparing", done, len(candidates))
        try:
            trials.append(_try(method, learned, probes, watch))
        except WeightsMissing as error:
            left_out.append(Candidate(method.name, left_out=str(error)))
    return trials, left_out


def _split(dataset: Dataset, seed: int) -> tuple[list[Path], list[Path]]:
    """Training photos to learn from and to probe with; none where there are too few."""
    paths = sorted(dataset.train)
    if len(paths) < _LEAST:
        return [], []
    random.Random(seed).shuffle(paths)  # noqa: S311 - a split, not a secret
    count = min(PROBES, max(3, round(_SHARE * len(paths))))
    return paths[count : count + LEARNED], paths[:count]


def _fill(paths: Sequence[Path], prepare: Prepare, watch: Watch) -> Shelf:
    return fill(paths, prepare, lambda count: watch.check())


def _try(method: Method, learned: Shelf, probes: Probes, watch: Watch) -> Trial:
    start = time.monotonic()
    method.fit(learned, learned.subset([]), watch.silent())
    return _judged(method, probes, time.monotonic() - start, watch)


def _judged(method: Method, probes: Probes, seconds: float, watch: Watch) -> Trial:
    start = time.monotonic()
    whole, damaged = probes.judge(method, watch)
    per_image = 1000 * (time.monotonic() - start) / max(1, len(whole) + len(damaged))
    return Trial(method, np.array(whole), np.array(damaged), seconds, per_image)


def _fused(pair: tuple[Trial, Trial], probes: Probes, options: TrainOptions, watch: Watch) -> Trial:
    first, second = pair
    names = SIGN.join(one.method.name for one in pair)
    fusion = Fusion(replace(options, method=names), first.method.device, [first.method, second.method])
    fusion.region = first.method.region
    fusion.scale(probes.shelf)
    return _judged(fusion, probes, first.seconds + second.seconds, watch)


def _ranking(trials: list[Trial], left_out: list[Candidate], probes: Probes, learned: int) -> Ranking:
    trials.sort(key=lambda trial: -trial.auroc(slice(None), slice(None)))
    single = next(trial for trial in trials if not isinstance(trial.method, Fusion))
    best, why = _decide(trials[0], single)
    sizes = np.array(probes.sizes)
    return Ranking(
        chosen=best.method.name,
        why=why,
        candidates=(*(_told(trial, sizes) for trial in trials), *left_out),
        n_learned=learned,
        n_probes=len(probes.shelf),
        n_damaged=len(sizes),
    )


def _decide(best: Trial, single: Trial) -> tuple[Trial, str]:
    reached = f"{single.auroc(slice(None), slice(None)):.3f}"
    if best is single:
        return single, f"{single.method.name} tells damaged from whole photos best (AUROC {reached})."
    draws = [best.auroc(*place) - single.auroc(*place) for place in _resampled(best)]
    sure = float(np.mean(np.array(draws) > 0))
    if sure >= _SURE:
        fused = f"{best.auroc(slice(None), slice(None)):.3f}"
        return best, (
            f"Both together tell damaged from whole photos better (AUROC {fused}) than {single.method.name} "
            f"alone ({reached}), in {sure:.0%} of resampled photos."
        )
    return single, (
        f"{single.method.name} alone (AUROC {reached}): a fusion is better in only {sure:.0%} of resampled "
        "photos, and takes longer."
    )


def _told(trial: Trial, sizes: NDArray[np.float64]) -> Candidate:
    drawn = [trial.auroc(*place) for place in _resampled(trial)]
    low, high = np.quantile(drawn, (0.025, 0.975)).tolist()
    half = len(trial.whole) // 2
    limit = cutoffs.above_good(trial.whole[:half], 95) if half else np.inf
    return Candidate(
        trial.method.name,
        trial.auroc(slice(None), slice(None)),
        (low, high),
        {"count": int((trial.whole[half:] >= limit).sum()), "n": len(trial.whole) - half},
        _by_size(trial, sizes),
        round(trial.seconds, 1),
        round(trial.ms_per_image, 1),
    )


def _by_size(trial: Trial, sizes: NDArray[np.float64]) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    least = 0.0
    for name, most in _SIZES.items():
        these = np.flatnonzero((sizes > least) & (sizes <= most))
        found[name] = trial.auroc(slice(None), these) if len(these) else None
        least = most
    return found


def _resampled(trial: Trial) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """The same draws for every trial of the same photos."""
    draw, whole, damaged = np.random.default_rng(0), len(trial.whole), len(trial.damaged)
    return [(draw.integers(whole, size=whole), draw.integers(damaged, size=damaged)) for _ in range(_DRAWS)]


def _untried(dataset: Dataset, options: TrainOptions) -> Ranking:
    """With a handful of photos there is nothing to compare on: the first candidate that can be had."""
    left_out: list[Candidate] = []
    for name in CANDIDATES:
        try:
            if METHODS[name].pretrained:
                weights.backbone(options.backbone, options.weights)
        except WeightsMissing as error:
            left_out.append(Candidate(name, left_out=str(error)))
        else:
            break
    count = len(dataset.train)
    why = f"With {count} good photos there is nothing to compare methods on: {name} is the usual choice."
    return Ranking(name, why, (Candidate(name), *left_out), 0, 0, 0)
