"""Which method for a category? Found out on damage made for the purpose; no test label is looked at.

Each candidate learns from some of the good photos. Others, which it has not seen, are then judged as
they are and damaged, all candidates the same ones, with kinds of damage that none of them learns from
(`damage.apart`). The method that tells the damaged from the whole best is taken; one that costs more,
two methods fused or a network taught, where it is better beyond what chance explains.
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

from detection import cutoffs, datasets, weights
from detection.catalogue import METHODS
from detection.damage import Damage, apart
from detection.errors import WeightsMissing
from detection.material import region
from detection.methods import registry
from detection.methods.base import Method
from detection.methods.fusion import SIGN, Fusion
from detection.options import of_chosen
from detection.progress import Watch
from detection.region import Region
from detection.separation import Both, Scores, auroc, resampled, sureness
from detection.shelf import Shelf, fill
from detection.types import Dataset, TrainOptions

# In the order in which they are preferred where nothing tells them apart.
CANDIDATES = ("patchcore-padim", "filterbank", "unet-features")
# Good photos that candidates learn from and are probed with, and damaged copies of the latter, at most.
LEARNED, PROBES, DAMAGED = 160, 40, 120
_SHARE = 0.3
_LEAST = 6
_CROSSED = 3
# What costs more time, a fusion or a taught network, has to be better in so many of resampled probes.
_SURE = 0.9
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


@dataclass(slots=True, eq=False)
class Trial:
    """A candidate's scores of the whole and of the damaged photos, in all folds one after the other."""

    name: str
    costly: bool = False
    whole: Scores = field(default_factory=lambda: np.empty(0))
    damaged: Scores = field(default_factory=lambda: np.empty(0))
    seconds: float = 0.0
    judging: float = 0.0

    def add(self, method: Method, probes: Probes, seconds: float, watch: Watch) -> None:
        start = time.monotonic()
        whole, damaged = probes.judge(method, watch)
        self.judging += time.monotonic() - start
        self.seconds += seconds
        self.whole = np.concatenate([self.whole, whole])
        self.damaged = np.concatenate([self.damaged, damaged])

    @property
    def both(self) -> Both:
        return self.whole, self.damaged


class Probes:
    """Good photos nobody learned from, and the sizes of the damage done to copies of them."""

    def __init__(self, shelf: Shelf, copies: int, options: TrainOptions, device: torch.device) -> None:
        self.shelf = shelf
        self._options = options
        self._device = device
        self._copies = copies
        self.sizes: list[float] = []

    def judge(self, method: Method, watch: Watch) -> tuple[list[float], list[float]]:
        """Scores of the whole photos and of the damaged copies: the same damage for each method."""
        damage = Damage(self._options.size, self._options.seed, self._device, kinds=apart.KINDS)
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
    folds = _folds(dataset, options.seed)
    if not folds:
        return _untried(dataset, options)
    where = region(dataset, options, watch) if options.crop == "auto" else None
    comparison = Comparison(options, where, device)
    for done, (learned, probed) in enumerate(folds):
        part = watch.part(done / len(folds), (done + 1) / len(folds))
        comparison.run(learned, probed, DAMAGED / len(folds), part)
    return comparison.ranking(len(folds[0][0]))


class Comparison:
    """The trials of all candidates, and of each two of them fused."""

    def __init__(self, options: TrainOptions, where: Region | None, device: torch.device) -> None:
        self.options, self.where, self.device = options, where, device
        self.trials: dict[str, Trial] = {}
        self.left_out: dict[str, Candidate] = {}
        self.sizes: list[float] = []
        self.probes = 0

    def run(self, learned: Sequence[Path], probed: Sequence[Path], damaged: float, watch: Watch) -> None:
        """One fold, with about so many damaged copies: all learn from the same photos and judge the same."""
        watch.tell("comparing", 0, 1)
        candidates = [
            registry.create(of_chosen(self.options, name), self.device).in_a_hurry() for name in CANDIDATES
        ]
        for method in candidates:
            method.region = self.where
        prepare = candidates[0].prepare
        kept = fill(probed, prepare, lambda count: watch.check())
        probes = Probes(kept, max(1, round(damaged / len(kept))), self.options, self.device)
        shelf = fill(learned, prepare, lambda count: watch.check())
        fitted: list[tuple[Method, float]] = []
        for number, method in enumerate(candidates, 1):
            seconds = self._fit(method, shelf, watch)
            if seconds is not None:
                self._trial(method).add(method, probes, seconds, watch)
                fitted.append((method, seconds))
            watch.tell("comparing", number, len(candidates))
        for pair in combinations(fitted, 2):
            if all(method.cross_fits for method, _ in pair):
                self._fused(pair, probes, watch)
        self.sizes += probes.sizes
        self.probes += len(probes.shelf)

    def _fit(self, method: Method, learned: Shelf, watch: Watch) -> float | None:
        """The seconds it took; None where it cannot be had here."""
        start = time.monotonic()
        try:
            method.fit(learned, learned.subset([]), watch.silent())
        except WeightsMissing as error:
            self.left_out[method.name] = Candidate(method.name, left_out=str(error))
            return None
        return time.monotonic() - start

    def _fused(self, pair: Sequence[tuple[Method, float]], probes: Probes, watch: Watch) -> None:
        names = SIGN.join(method.name for method, _ in pair)
        options = replace(self.options, method=names)
        fusion = Fusion(options, self.device, [method for method, _ in pair])
        fusion.region = self.where
        fusion.scale(probes.shelf)
        self._trial(fusion).add(fusion, probes, sum(seconds for _, seconds in pair), watch)

    def _trial(self, method: Method) -> Trial:
        costly = isinstance(method, Fusion) or not method.cross_fits
        return self.trials.setdefault(method.name, Trial(method.name, costly))

    def ranking(self, learned: int) -> Ranking:
        trials = sorted(self.trials.values(), key=lambda trial: -auroc(trial.both))
        quick = next(trial for trial in trials if not trial.costly)
        best, why = _decide(trials[0], quick)
        sizes = np.array(self.sizes)
        told = (*(_told(trial, sizes) for trial in trials), *self.left_out.values())
        return Ranking(best.name, why, told, learned, self.probes, len(sizes))


def _folds(dataset: Dataset, seed: int) -> list[tuple[list[Path], list[Path]]]:
    """(Training photos to learn from, others to probe with); none where there are too few.

    Of a small category each photo is a probe once, so that enough of them are.
    """
    paths = sorted(dataset.train)
    if len(paths) < _LEAST:
        return []
    random.Random(seed).shuffle(paths)  # noqa: S311 - a split, not a secret
    if len(paths) < datasets.FEW:
        groups = [paths[number::_CROSSED] for number in range(_CROSSED)]
        return [([path for path in paths if path not in group], group) for group in groups]
    count = min(PROBES, round(_SHARE * len(paths)))
    return [(paths[count : count + LEARNED], paths[:count])]


def _decide(best: Trial, quick: Trial) -> tuple[Trial, str]:
    """quick: the best one that costs little."""
    reached = f"{auroc(quick.both):.3f}"
    if best is quick:
        return quick, f"{quick.name} tells damaged from whole photos best (AUROC {reached})."
    sure = sureness(best.both, quick.both)
    if sure >= _SURE:
        return best, (
            f"{best.name} tells damaged from whole photos better (AUROC {auroc(best.both):.3f}) than "
            f"{quick.name} ({reached}), in {sure:.0%} of resampled photos."
        )
    return quick, (
        f"{quick.name} (AUROC {reached}): {best.name} is better in only {sure:.0%} of resampled "
        "photos, and takes longer."
    )


def _told(trial: Trial, sizes: NDArray[np.float64]) -> Candidate:
    low, high = np.quantile(resampled(trial.both), (0.025, 0.975)).tolist()
    half = len(trial.whole) // 2
    limit = cutoffs.above_good(trial.whole[:half], 95) if half else np.inf
    return Candidate(
        trial.name,
        auroc(trial.both),
        (low, high),
        {"count": int((trial.whole[half:] >= limit).sum()), "n": len(trial.whole) - half},
        _by_size(trial, sizes),
        round(trial.seconds, 1),
        round(1000 * trial.judging / max(1, len(trial.whole) + len(trial.damaged)), 1),
    )


def _by_size(trial: Trial, sizes: NDArray[np.float64]) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    least = 0.0
    for name, most in _SIZES.items():
        these = np.flatnonzero((sizes > least) & (sizes <= most))
        found[name] = auroc((trial.whole, trial.damaged[these])) if len(these) else None
        least = most
    return found


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
