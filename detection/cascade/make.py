"""From a run to its cascade, beside the run's files."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from detection.cascade import copies
from detection.cascade.limit import DEFECTIVE, LEAST_DAMAGED, Limit, choose
from detection.errors import BadDataset, DetectionError
from detection.files import artifact, storage
from detection.files.digest import sha256
from detection.judging.cascade import drafting, ok_below
from detection.judging.detector import Detector, load
from detection.methods.base import Model
from detection.photos.image_cache import ImageCache, fill
from detection.runtimes import runtime as runtimes
from detection.types import Dataset, OnStep
from detection.verdicts.cutoffs import is_number
from detection.verdicts.scoring import plain
from detection.verdicts.stability import Limits

# Good photos that copies are made of: with fewer they are too much alike, more take longer.
LEAST, MOST = 10, 100
# A cascade whose verdicts take more than this share of the model's time is not worth it.
WORTH = 0.9
_TIMED = 5
_TINY = 1e-9


class NoUse(DetectionError):
    """A cascade that would save too little; nothing was written."""

    code = "no_use"


@dataclass(frozen=True, slots=True)
class Made:
    """limit: where the draft decides alone. photos: good ones that copies were made of. half: whether the
    draft's network computes in bfloat16. draft_ms, model_ms: CPU milliseconds of one photo, without decoding.
    passed: the share of good photos that the draft decides. seconds: in all."""

    run_dir: Path
    limit: Limit
    photos: int
    half: bool
    draft_ms: float
    model_ms: float
    passed: float
    seconds: float

    @property
    def share(self) -> float:
        """Of the model's time, where DEFECTIVE of the parts are defective."""
        return self.draft_ms / self.model_ms + 1 - (1 - DEFECTIVE) * self.passed

    def as_dict(self) -> dict[str, Any]:
        more = {"share": self.share, "promise": self.limit.promise}
        return {**asdict(self), "run_dir": str(self.run_dir), **more}

    def __str__(self) -> str:
        """What the cascade does and what its promise rests on, in sentences."""
        limit = self.limit
        exact = "" if limit.basis == "conformal" else ", an estimate: exact would take 20,000"
        return (
            f"The draft alone decides about {100 * self.passed:.0f} % of good photos, the model all others: "
            f"{self.share * self.model_ms:.0f} ms of CPU a photo on average instead of {self.model_ms:.0f}, "
            f"where {100 * DEFECTIVE:.0f} % of the parts are defective. Of 1,000 verdicts at most "
            f"{1000 * limit.promise:.1f} should then differ from the model's. That rests on {limit.n_good} "
            f"copies of {self.photos} good photos, shifted or in other light{exact}; and on "
            f"{limit.n_damaged} copies with synthetic damage that the model does not call OK, of which "
            f"{100 * limit.missed:.1f} % may pass. Real defects may differ."
        )


def make_cascade(
    run_dir: Path | str,
    dataset: Dataset,
    *,
    seed: int = 0,
    runtime: str = "auto",
    on_step: OnStep | None = None,
) -> Made:
    """Measure how far a run's draft is from its model, and write where it may decide alone (cascade.json).

    dataset: the category that the run was trained on; only training photos are read, no label is used.
    on_step: called with the number of copies judged, and of all; an exception that it raises ends the work.
    Raises BadArtifact for a folder that is not a run; BadDataset if fewer than LEAST of its good photos are
    there; NoUse; UnreadablePhotos; CannotWrite. Then nothing is written, and an existing cascade stays.
    """
    folder, start = Path(run_dir), time.monotonic()
    detector = load(folder, device="cpu", runtime=runtime)
    storage.try_out(folder)
    name = runtimes.choose(runtime, detector.model.device)
    half = bool(detector.model.engines()) and runtimes.halves(name)
    draft = drafting(detector, folder, half=half)
    photos = _photos(detector, dataset)
    unit = ok_below(detector.threshold)
    if unit <= 0:
        raise NoUse(f"The model calls a photo OK below a score of {unit:g}: no draft can be far below that.")
    draft_ms, model_ms = _pace(draft.draft, photos), _pace(detector.model.judge, photos)
    _check_pace(draft_ms, model_ms)
    good, damaged = _apart(detector.model, draft, photos, unit, seed, on_step)
    limit = choose(good[1], good[0], damaged[1], damaged[0])
    if limit is None:
        raise NoUse(
            f"The model calls nearly all copies with synthetic damage OK (fewer than "
            f"{LEAST_DAMAGED} are not), so it is not known what a draft would miss."
        )
    # Photos near a limit are left to the model, so that their stability can be examined.
    near = Limits(detector.threshold.value, detector.threshold.review_from).near(
        detector.threshold.good_scores
    )
    limit = replace(limit, value=min(limit.value, -near))
    passed = _passed(detector, limit, good, unit)
    made = Made(
        folder, limit, len(photos), half, draft_ms, model_ms, passed, round(time.monotonic() - start, 1)
    )
    _check_worth(made)
    artifact.write_cascade(folder, {"limit": limit.value, "half": half, "made": made.as_dict()})
    return made


def _photos(detector: Detector, dataset: Dataset) -> ImageCache:
    """Of the good photos that the run was trained on, at most MOST, at random, as hashes are."""
    known = {*detector.dataset["learned"], *detector.dataset["held_back"]}
    paths = {sha256(path): path for path in dataset.train}
    chosen = [paths[digest] for digest in sorted(known & paths.keys())[:MOST]]
    if len(chosen) < LEAST:
        raise BadDataset(
            f"A cascade needs {LEAST} of the good photos that the run was trained on; {len(chosen)} of them "
            f"{'is' if len(chosen) == 1 else 'are'} here."
        )
    return fill(chosen, detector.model.prepare, lambda count: None)


def _apart(
    model: Model, draft: Model, photos: ImageCache, unit: float, seed: int, on_step: OnStep | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What model and draft say, [2, N], of copies of good parts and of damaged ones: logarithms of shares of
    the score below which a verdict is OK."""
    every: list[NDArray[np.float64]] = []
    done, total = 0, copies.GOOD + copies.DAMAGED
    for made in (
        copies.good(photos, model.device, seed),
        copies.damaged(photos, model.device, model.options.size, seed),
    ):
        batches = []
        for batch in made:
            both = (plain(model.judge(batch).scores), plain(draft.draft(batch).scores))
            batches.append(np.log(np.maximum(both, _TINY) / unit))
            done += len(batch)
            if on_step:
                on_step(min(done, total), total)
        every.append(np.concatenate(batches, axis=1))
    return every[0], every[1]


def _pace(judge: Callable[[Tensor], object], photos: ImageCache) -> float:
    """CPU milliseconds of a single photo: the median of a few, after one to warm up."""
    times = []
    for batch in _single(photos):
        start = time.process_time()
        judge(batch)
        times.append(1000 * (time.process_time() - start))
    return float(np.median(times[1:]))


def _single(photos: ImageCache) -> Iterator[Tensor]:
    for number in range(1 + _TIMED):
        yield photos.batch(torch.tensor([number % len(photos)]), torch.device("cpu"))


def _passed(detector: Detector, limit: Limit, good: NDArray[np.float64], unit: float) -> float:
    """The share of good photos that the draft decides: by their scores, if the run kept some, which the draft
    overestimates as it does copies; otherwise of the copies."""
    kept = np.asarray(detector.threshold.good_scores)
    kept = kept[is_number(kept)] if len(kept) else kept
    if not len(kept):
        return float((good[1] < limit.value).mean())
    more = float(np.median(good[1] - good[0]))
    return float((np.log(np.maximum(kept, _TINY) / unit) + more < limit.value).mean())


def _check_pace(draft_ms: float, model_ms: float) -> None:
    """Before hundreds of copies are judged: some methods, the slowest ones, have no quicker way."""
    if draft_ms / model_ms + DEFECTIVE > WORTH:
        raise NoUse(
            f"A cascade would save next to nothing: a draft takes {draft_ms:.0f} ms of CPU, the model "
            f"{model_ms:.0f}."
        )


def _check_worth(made: Made) -> None:
    if made.share > WORTH:
        raise NoUse(
            f"A cascade would save next to nothing: a draft takes {made.draft_ms:.0f} ms of CPU, the model "
            f"{made.model_ms:.0f}, and about {100 * made.passed:.0f} % of good photos need no more than the "
            f"draft."
        )
