"""A quick draft in front of a model: the draft decides what is clearly OK, the model judges the rest."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from detection.errors import BadArtifact, BadOptions
from detection.faults import raw
from detection.files import artifact
from detection.judging.detector import Detector, as_list, load
from detection.methods.base import Model
from detection.normality.place import on_grid
from detection.photos.transforms import PhotoSource, Prepared, place, to_unit
from detection.recognition import signature
from detection.runtimes import export
from detection.runtimes import runtime as runtimes
from detection.types import Prediction, Threshold
from detection.verdicts.scoring import plain


def ok_below(threshold: Threshold) -> float:
    """The score below which a verdict is OK: where REVIEW begins, or the threshold without such a band."""
    return threshold.value if threshold.review_from is None else threshold.review_from


@dataclass(frozen=True, eq=False)
class Draft:
    """A model whose `draft` decides alone where its score is below `limit`, the logarithm of a share of
    `unit`, the score below which the model's verdict is OK. about: what is known about it (cascade.json)."""

    model: Model
    unit: float
    limit: float
    about: dict[str, Any]

    def judge(self, photo: Prepared) -> tuple[float, NDArray[np.float32]] | None:
        """The estimated score and map [H, W] of one photo; None where it does not decide."""
        # One at a time, so that what is decided cannot depend on the others of a batch.
        judged = self.model.draft(to_unit(photo.pixels[None], self.model.device))
        score = plain(judged.scores)[0]
        if not math.log(max(score, 1e-9) / self.unit) < self.limit:
            return None
        height, width = photo.pixels.shape[1:]
        return score, on_grid(judged.maps[:, None].float(), (height, width))[0, 0].cpu().numpy()


class Cascade:
    """Judges photos like `detector`, but lets a draft of its model decide what is clearly OK.

    The detector judges everything that is not clearly OK, including photos that are unlike good ones as a
    whole (`recognition`): score, map and verdict are then its own.

    compared: the share of the photos decided by the draft that the detector judges, too, drawn by their
    pixels; `Prediction.draft_agrees` says whether the draft was right.
    """

    def __init__(self, detector: Detector, draft: Draft, *, compared: float = 0.0) -> None:
        self.detector = detector
        self.draft = draft
        self.compared = compared

    def prepare(self, image: PhotoSource) -> Prepared:
        return self.detector.prepare(image)

    @overload
    def predict(self, images: PhotoSource | Prepared) -> Prediction: ...  # type: ignore[overload-overlap]

    @overload
    def predict(self, images: Iterable[PhotoSource | Prepared]) -> list[Prediction]: ...

    def predict(
        self, images: PhotoSource | Prepared | Iterable[PhotoSource | Prepared]
    ) -> Prediction | list[Prediction]:
        """Like `Detector.predict`. For photos that the draft decided (`Prediction.decided_by`), score and map
        are its estimates, and there is neither p-value nor reconstruction."""
        photos, several = as_list(images)
        judged = self._judged([i if isinstance(i, Prepared) else self.prepare(i) for i in photos])
        return judged if several else judged[0]

    def _judged(self, photos: Sequence[Prepared]) -> list[Prediction]:
        drafts = [self._decided(photo) for photo in photos]
        asked = [draft is None or self._is_drawn(photo) for photo, draft in zip(photos, drafts, strict=True)]
        own = iter(self.detector.predict([photo for photo, one in zip(photos, asked, strict=True) if one]))
        return [_answer(draft, next(own) if one else None) for draft, one in zip(drafts, asked, strict=True)]

    def _is_drawn(self, photo: Prepared) -> bool:
        """By its pixels, so that the same photo always gets the same answer."""
        digest = hashlib.blake2b(photo.pixels.numpy().tobytes(), digest_size=4).digest()
        return int.from_bytes(digest, "big") < self.compared * 2**32

    def _decided(self, photo: Prepared) -> Prediction | None:
        part, away = self.detector.part, None
        if part and photo.view:
            away = part.away(signature(photo.view))
            if away > 1:
                return None
        estimate = self.draft.judge(photo)
        if estimate is None:
            return None
        limits = self.detector.threshold
        return Prediction(
            estimate[0],
            limits.value,
            place(estimate[1], photo.window),
            review_from=limits.review_from,
            note=photo.note,
            away=away,
            far=part.far if part else None,
            decided_by="draft",
        )


def _answer(draft: Prediction | None, own: Prediction | None) -> Prediction:
    """The model's own where it was asked, with whether the draft's OK, if there was one, was right."""
    if draft and own:
        return replace(own, compared=True)
    answer = own or draft
    assert answer
    return answer


def load_cascade(
    run_dir: Path | str,
    *,
    runtime: str = "auto",
    detector: Detector | None = None,
    compared: float = 0.0,
) -> Cascade:
    """The detector of a run with the draft in front of it that `make_cascade` measured, on a CPU.

    runtime: as for `load`. detector: the run's, if it is already loaded. compared: as for `Cascade`. Raises
    BadArtifact, also if the run has no cascade or that of another run; BadOptions for a detector on a GPU and
    for a share outside 0..1.
    """
    if not 0 <= compared <= 1:
        raise BadOptions(f"The share of photos to compare must be between 0 and 1, not {compared:g}.")
    folder = Path(run_dir)
    detector = detector or load(folder, device="cpu", runtime=runtime)
    if detector.model.device.type != "cpu":
        raise BadOptions(f"A cascade runs on a CPU only, and the model is on {detector.model.device}.")
    about = artifact.read_cascade(folder)
    limit, half = about.get("limit"), about.get("half")
    if not isinstance(limit, float) or not limit <= 0 or not isinstance(half, bool):
        raise BadArtifact(
            f"The cascade of {folder.name} was not written by this version of the program: make it again "
            "(python -m detection cascade).",
            details=raw(ValueError(f"limit {limit}, half {half}")),
        )
    half = half and runtimes.halves(runtimes.choose(runtime, detector.model.device))
    model = drafting(detector, folder, half=half)
    return Cascade(detector, Draft(model, ok_below(detector.threshold), limit, about), compared=compared)


def drafting(detector: Detector, run_dir: Path, *, half: bool) -> Model:
    """The model that drafts. half: a second one, which shares what was learned, but whose networks compute in
    bfloat16 where `runtimes.halves`. A limit measured with bfloat16 holds without it, too: the errors of
    drafts are smaller then."""
    model = detector.model
    if not half:
        return model
    second = model.method.unpack(model.pack())
    runtimes.speed_up(second, "openvino", export.folder_of(run_dir), half=True)
    return second
