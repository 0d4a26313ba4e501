"""A quick draft in front of a model: the draft decides what is clearly OK, the model judges all else."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
    """A model whose `draft` decides alone where its score is below `limit`: a logarithm of shares of `unit`,
    the score below which the model's verdict is OK. about: what is known of it (cascade.json)."""

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
    """

    def __init__(self, detector: Detector, draft: Draft) -> None:
        self.detector = detector
        self.draft = draft

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
        decided = [self._decided(photo) for photo in photos]
        rest = [photo for photo, one in zip(photos, decided, strict=True) if one is None]
        judged = iter(self.detector.predict(rest))
        return [next(judged) if one is None else one for one in decided]

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


def load_cascade(run_dir: Path | str, *, runtime: str = "auto", detector: Detector | None = None) -> Cascade:
    """The detector of a run with the draft in front of it that `make_cascade` measured, on a CPU.

    runtime: as for `load`. detector: the run's, if it is already loaded. Raises BadArtifact, also if the run
    has no cascade or that of another run; BadOptions for a detector on a GPU.
    """
    folder = Path(run_dir)
    detector = detector or load(folder, device="cpu", runtime=runtime)
    if detector.model.device.type != "cpu":
        raise BadOptions(f"A cascade is for a processor, and the model is on {detector.model.device}.")
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
    return Cascade(detector, Draft(model, ok_below(detector.threshold), limit, about))


def drafting(detector: Detector, run_dir: Path, *, half: bool) -> Model:
    """The model to draft by. half: a second one, which shares what was learned, but whose networks compute in
    bfloat16 where `runtimes.halves`. A limit that was measured with it holds without it, too, as its errors
    are smaller then."""
    model = detector.model
    if not half:
        return model
    second = model.method.unpack(model.pack())
    runtimes.speed_up(second, "openvino", export.folder_of(run_dir), half=True)
    return second
