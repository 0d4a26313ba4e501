"""Learn what whole photos of good parts look like."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats
from sklearn.covariance import LedoitWolf
from torch import Tensor

from detection import datasets
from detection.damage import Damage, apart, harmless
from detection.errors import UnreadableImage
from detection.photos import view
from detection.photos.images import Levels, decode
from detection.photos.reading import ahead
from detection.photos.view import SIDE, View
from detection.recognition.part import Part
from detection.recognition.signature import Floats, signatures

# Fewer photos say too little about how much good ones differ; more than MOST add nothing.
LEAST, MOST = 10, 200
# The maximum share of good photos beyond the limit, and of copies with synthetic damage that are far.
_SHARE = 0.01
_FOLDS = 5
# Photos this many robust deviations from the rest, on a log scale, are odd: they have no say.
_ODD = 4.0
# No photo nearer than this, in units of the limit, is called another part.
_FAR = 2.0
_LIT = 2  # copies of each photo with harmless changes
# Added to the covariance: nearly the same photos over and over say little about what else is good.
_STEADY = 1e-2


def learn(paths: Sequence[Path], levels: Levels, check: Callable[[], None], seed: int = 0) -> Part | None:
    """From files of good photos; None for fewer than LEAST. Unreadable files are left out. check: called
    between photos, may raise Cancelled."""
    chosen = sorted(paths)
    if len(chosen) > MOST:
        chosen = sorted(random.Random(seed).sample(chosen, MOST))  # noqa: S311 - no secret
    views = []
    for one in ahead(chosen, partial(_view, levels=levels)):
        check()
        if one is not None:
            views.append(one)
    return of_views(views, seed) if len(views) >= LEAST else None


def of_views(views: Sequence[View], seed: int = 0) -> Part:
    """At least two views."""
    photos = torch.from_numpy(np.stack([one.pixels for one in views])).permute(0, 3, 1, 2).float() / 255
    aspects = [one.aspect for one in views]
    generator = torch.Generator().manual_seed(seed)
    described = partial(_described, aspects=aspects)
    good = [photos, *(harmless.mixed(photos, generator) for _ in range(_LIT))]
    harmless_copies = np.stack([described(one) for one in good])
    damaged = np.stack(
        [described(damage(photos, photos.roll(1, 0), generator, 0.0)[0]) for damage in _damages(seed)]
    )
    kept = np.arange(len(views))
    distances = _held_out(harmless_copies, harmless_copies, kept, seed)
    kept = kept[~_odd(distances[0])]
    distances = _held_out(harmless_copies, harmless_copies, kept, seed)
    limit = max(_limit(distances[0]), _limit(distances[1:].ravel()))
    hurt = _held_out(harmless_copies, damaged, kept, seed).ravel()
    part = _fitted(harmless_copies[:, kept])
    far = max(_FAR, float(np.quantile(hurt, 1 - _SHARE)) / limit)
    return Part(part.mean, part.precision, limit, far)


def _view(path: Path, levels: Levels) -> View | None:
    """None where it cannot be read: the training reports that."""
    with suppress(UnreadableImage, OSError):
        return view.of_photo(decode(path, levels=levels))
    return None


def _described(photos: Tensor, aspects: Sequence[float]) -> Floats:
    return signatures(photos.permute(0, 2, 3, 1).contiguous().numpy(), aspects)


@lru_cache(maxsize=1)
def _damages(seed: int) -> tuple[Damage, ...]:
    return Damage(SIDE, seed), Damage(SIDE, seed + 1, kinds=apart.KINDS)


def _held_out(learned: Floats, judged: Floats, kept: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """Distances [copies, kept] of copies [copies, photos, LENGTH] from fits that know no copy of the
    photo."""
    distances = np.zeros((len(judged), len(kept)))
    for fold in datasets.deal(len(kept), min(_FOLDS, len(kept)), seed):
        others = np.setdiff1d(np.arange(len(kept)), fold)
        part = _fitted(learned[:, kept[others]])
        for copy, values in enumerate(judged):
            distances[copy, fold] = part.distances(values[kept[fold]])
    return distances


def _fitted(copies: Floats) -> Part:
    """Without limits. Copies [copies, photos, LENGTH]; the covariance is shrunk (Ledoit and Wolf 2004)."""
    values = copies.reshape(-1, copies.shape[-1]).astype(np.float64)
    covariance = LedoitWolf().fit(values).covariance_ + _STEADY * np.eye(values.shape[1])
    return Part(values.mean(axis=0), np.linalg.inv(covariance), 1.0, _FAR)


def _odd(distances: NDArray[np.float64]) -> NDArray[np.bool_]:
    logs = np.log(distances + 1e-9)
    middle = np.median(logs)
    spread = 1.4826 * np.median(abs(logs - middle))
    # Where half of the photos are alike, the spread says nothing.
    beyond: NDArray[np.bool_] = logs > middle + _ODD * max(float(spread), 0.05)
    return beyond


def _limit(distances: NDArray[np.float64]) -> float:
    """The distance that at most 1 % of further good photos reach. Distances are nearly log-normal; by
    Student's t, because the spread is estimated."""
    logs = np.log(distances + 1e-9)
    middle = np.median(logs)
    # The spread of the upper half alone: copies that hardly changed widen the lower half.
    spread = max(float((np.quantile(logs, q) - middle) / stats.norm.ppf(q)) for q in (0.75, 0.9))
    return float(np.exp(middle + stats.t.ppf(1 - _SHARE, len(logs) - 1) * max(spread, 0.05)))
