"""Whether stability is worth its cost: how many verdicts are unstable near the limits and far from them, what
examining them costs, and which misses fewer defects if people see as many photos: the score or doubt.

    INSPECTOR_REAL_DATA=DATA [CATEGORIES=a,b] [METHODS=a,b] [PHOTOS=40] [TRAIN=150] [SIZE=320] \
        [RUNS=FOLDER] python -m benchmarks doubt

Up to PHOTOS good and PHOTOS defective test photos, drawn at random, are judged as they are and after all 20
slight changes. Runs learn from the first TRAIN good photos. RUNS keeps runs and scores; what is there is not
made again. Times are CPU times.
Not part of `make bench`: it takes minutes a category.
"""

import json
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import detection
from benchmarks import real_data
from benchmarks.installation import Installation
from detection import datasets, options
from detection.damage import slight
from detection.judging import stability
from detection.robustness.measure import photos_of
from detection.types import GOOD, LEAST_STABLE
from detection.verdicts.stability import NEAR, Limits

# The share of defective parts on a line.
DEFECTIVE = 0.05
RESAMPLES = 2000
# Shares of good photos that count as near a limit; with ALL, every photo is examined.
SHARES = (NEAR, 0.025, 0.05, 0.1)
ALL = math.inf
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """Logarithms of the scores of test photos: own [N], as they are; changed [N, 20], after slight changes.

    good_scores: those that the limits rest on, not as logarithms. ms: CPU milliseconds of a verdict, and of
    the 20 after changes.
    """

    name: str
    method: str
    defect: NDArray[np.bool_]
    own: Floats
    changed: Floats
    threshold: float
    review_from: float
    good_scores: tuple[float, ...]
    ms: tuple[float, float]

    @property
    def weights(self) -> Floats:
        """How much each photo counts on a line where DEFECTIVE of the parts are defective; their sum is 1."""
        return np.where(self.defect, DEFECTIVE / self.defect.sum(), (1 - DEFECTIVE) / (~self.defect).sum())

    @property
    def distance(self) -> Floats:
        return np.minimum(np.abs(self.own - self.threshold), np.abs(self.own - self.review_from))

    def verdicts(self, scores: Floats) -> NDArray[np.int_]:
        """0 OK, 1 REVIEW, 2 ANOMALY."""
        return np.asarray((scores >= self.review_from).astype(int) + (scores >= self.threshold))

    @property
    def same(self) -> Floats:
        """The share of changes that leave the verdict as it is."""
        return np.asarray((self.verdicts(self.changed) == self.verdicts(self.own)[:, None]).mean(axis=1))

    def near(self, share: float) -> float:
        return Limits(math.exp(self.threshold), math.exp(self.review_from)).near(self.good_scores, share)

    def examined(self, share: float = NEAR) -> NDArray[np.bool_]:
        near = share if share == ALL else self.near(share)
        return np.asarray(self.distance < near)

    def asked(self, share: float = NEAR) -> Floats:
        """Further verdicts of each photo by the rule of `detection.examine`."""
        moves = np.abs(self.changed[:, : slight.KINDS] - self.own[:, None]).max(axis=1)
        full = 2 * moves >= self.distance
        return np.where(self.examined(share), np.where(full, len(slight.CHANGES), slight.KINDS), 0)

    def drawn(self, numbers: NDArray[np.int_]) -> "Judged":
        return replace(
            self, defect=self.defect[numbers], own=self.own[numbers], changed=self.changed[numbers]
        )


def main(site: Installation) -> None:
    torch.set_num_threads(1)
    kept = Path(os.environ.get("RUNS", site.folder / "doubt"))
    methods = os.environ.get("METHODS", "filterbank,patchcore-padim").split(",")
    every = [_judged(folder, method, kept) for folder in real_data.categories() for method in methods]
    _table(
        "| category | method | good, defective | unstable, near | unstable, far | near |"
        " CPU ms, one and 20 |",
        map(_cost, every),
    )
    _table("| near | further verdicts, good | on the line | unstable verdicts seen |", _by_share(every))
    _table(
        "| category | method | REVIEW by score: sent, escapes | and unstable: sent, escapes |"
        " wider band: sent, escapes | false alarms by score, and unstable, wider |",
        map(_worth, every),
    )
    _table(
        "| category | method | " + " | ".join(f"AURC, {name}" for name in ORDERS) + " |"
        " doubt - score (95 %) |",
        [*map(_curve, every), _mean(every)],
    )


def _judged(folder: Path, method: str, kept: Path) -> Judged:
    run = kept / folder.name / method
    if not run.is_dir():
        data = datasets.scan(folder)
        few = replace(data, train=data.train[: int(os.environ.get("TRAIN", "150"))])
        size = int(os.environ.get("SIZE", "320"))
        detection.train(few, run, options.for_method(method, size=size))
    file = kept / f"{folder.name}-{method}.json"
    if not file.is_file():
        file.write_text(json.dumps(_scored(run, folder)))
    known = json.loads(file.read_text())
    own, changed = (np.log(np.maximum(known[name], 1e-12)) for name in ("own", "changed"))
    return Judged(
        name=folder.name,
        method=method,
        defect=np.array([label != GOOD for label in known["labels"]]),
        own=own,
        changed=changed,
        threshold=float(np.log(known["threshold"])),
        review_from=float(np.log(known["review_from"])),
        good_scores=tuple(known["good_scores"]),
        ms=(known["ms"][0], known["ms"][1]),
    )


def _scored(run: Path, folder: Path) -> dict[str, Any]:
    detector = detection.load(run, device="cpu", runtime="torch")
    photos = photos_of(detector, datasets.scan(folder), int(os.environ.get("PHOTOS", "40")))
    own, changed, seconds = [], [], []
    for photo in photos:
        prepared = detector.prepare(photo.read())
        start = time.process_time()
        own.append(detector.predict(prepared).score)
        middle = time.process_time()
        changed.append(stability.scores(detector, prepared))
        seconds.append((middle - start, time.process_time() - middle))
    chosen = detector.threshold
    review_from = chosen.review_from if chosen.review_from is not None else chosen.value
    return {
        "labels": [photo.label for photo in photos],
        "own": own,
        "changed": changed,
        "threshold": chosen.value,
        "review_from": review_from,
        "good_scores": chosen.good_scores,
        "ms": (1000 * np.median(seconds, axis=0)).tolist(),
    }


def _cost(one: Judged) -> list[str]:
    unstable, near = one.same < 1, one.examined()
    return [
        *(one.name, one.method, f"{(~one.defect).sum()}, {one.defect.sum()}"),
        f"{(unstable & near).sum()} of {near.sum()}",
        f"{(unstable & ~near).sum()} of {(~near).sum()}",
        f"{np.exp(one.near(NEAR)):.3f} times",
        f"{one.ms[0]:.0f}, {one.ms[1]:.0f}",
    ]


def _by_share(every: Sequence[Judged]) -> Iterator[list[str]]:
    """What examining more photos costs, and how many of the unstable verdicts it sees."""
    for share in SHARES:
        seen = sum(int((one.examined(share) & (one.same < 1)).sum()) for one in every)
        unstable = sum(int((one.same < 1).sum()) for one in every)
        good = np.concatenate([one.asked(share)[~one.defect] for one in every])
        line = np.mean([float((one.asked(share) * one.weights).sum()) for one in every])
        yield [f"{100 * share:g} %", f"{good.mean():.2f}", f"{line:.2f}", f"{seen} of {unstable}"]


def _worth(one: Judged, share: float = ALL) -> list[str]:
    """What goes to people by three rules: the REVIEW band of the run; the band and the unstable photos, where
    every photo is examined; and a band widened downwards until it sends as many."""
    by_score = one.verdicts(one.own)
    with_doubt = np.where(one.examined(share) & (one.same < LEAST_STABLE), 1, by_score)
    sent = float(one.weights[with_doubt == 1].sum())
    order = np.argsort(-np.where(by_score == 2, -np.inf, one.own))
    reached = np.cumsum(one.weights[order]) <= sent + 1e-9
    wider = by_score.copy()
    wider[order[reached & (by_score[order] == 0)]] = 1
    alarms = [f"{(verdicts[~one.defect] == 2).sum()}" for verdicts in (by_score, with_doubt, wider)]
    return [
        *(one.name, one.method),
        *(
            f"{100 * one.weights[verdicts == 1].sum():.1f} %, {(verdicts[one.defect] == 0).sum()}"
            for verdicts in (by_score, with_doubt, wider)
        ),
        f"{', '.join(alarms)} of {(~one.defect).sum()}",
    ]


def _by_score(one: Judged) -> Floats:
    return np.abs(one.own - one.threshold)


def _by_agreement(one: Judged) -> Floats:
    """The share of changes that leave the photo on its side of the threshold; ties by the score."""
    beyond = one.own >= one.threshold
    agreed = ((one.changed >= one.threshold) == beyond[:, None]).mean(axis=1)
    return np.asarray(agreed + 1e-3 * np.minimum(_by_score(one), 100))


def _by_doubt(one: Judged) -> Floats:
    """The distance in units of what slight changes do to the score."""
    spread = np.sqrt(((one.changed - one.own[:, None]) ** 2).mean(axis=1))
    return np.asarray(_by_score(one) / (spread + 0.01))


def _by_mean(one: Judged) -> Floats:
    """The distance of the mean over all changes (test-time augmentation), 0 where it is on another side."""
    mean = np.concatenate([one.own[:, None], one.changed], axis=1).mean(axis=1) - one.threshold
    return np.where((mean >= 0) == (one.own >= one.threshold), np.abs(mean), 0.0)


# Confidence: the photo with the smallest value is sent to people first.
ORDERS: dict[str, Callable[[Judged], Floats]] = {
    "score": _by_score,
    "agreement": _by_agreement,
    "doubt": _by_doubt,
    "mean": _by_mean,
}


def aurc(one: Judged, confidence: Floats) -> float:
    """The area under the risk-coverage curve (Geifman and El-Yaniv 2017): the mean, over all shares of photos
    that are judged without people, of the share of wrong verdicts (by the threshold alone) among them."""
    order = np.argsort(-confidence, kind="stable")
    weights, wrong = one.weights[order], ((one.own >= one.threshold) != one.defect)[order]
    coverage = np.cumsum(weights)
    risk = np.cumsum(weights * wrong) / coverage
    return float((risk * weights).sum())


def _curve(one: Judged) -> list[str]:
    random = np.random.default_rng(0)
    apart = []
    for _ in range(RESAMPLES):
        numbers = np.concatenate(
            [random.choice(np.flatnonzero(kind), kind.sum()) for kind in (one.defect, ~one.defect)]
        )
        some = one.drawn(numbers)
        apart.append(aurc(some, _by_doubt(some)) - aurc(some, _by_score(some)))
    low, high = np.percentile(apart, [2.5, 97.5])
    return [
        *(one.name, one.method),
        *(f"{1000 * aurc(one, order(one)):.1f}" for order in ORDERS.values()),
        f"{1000 * low:+.1f} to {1000 * high:+.1f}",
    ]


def _mean(every: Sequence[Judged]) -> list[str]:
    means = (np.mean([aurc(one, order(one)) for one in every]) for order in ORDERS.values())
    return ["mean", "", *(f"{1000 * mean:.1f}" for mean in means), ""]


def _table(head: str, rows: Iterable[list[str]]) -> None:
    print(f"\n{head}\n{'|---' * (head.count('|') - 1)}|")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)
