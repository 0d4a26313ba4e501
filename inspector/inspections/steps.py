"""What happens to one claim of photos: decoded, judged, drawn and written."""

import logging
import math
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import transaction

import detection
from detection import BadArtifact, MapScale, Prediction, UnreadableImage
from inspector.categories.models import Category
from inspector.core import files, jobs
from inspector.core.jobs import Claim, State
from inspector.core.uploads import NOTE_LENGTH
from inspector.inspections import pictures
from inspector.inspections.models import Inspection
from inspector.inspections.pictures import Drawn, Photo
from inspector.registry.detectors import detector
from inspector.registry.models import ModelVersion, Standing
from inspector.registry.selectors import active_version

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Judge:
    """The version that judges a claim, loaded; or why there is none that could."""

    version: ModelVersion | None = None
    detector: "detection.Detector | None" = None
    code: str = ""
    message: str = ""


@dataclass(slots=True)
class Item:
    """One photo on its way. It ends with an error or with a prediction and its pictures."""

    row: Inspection
    photo: "Future[Photo] | None" = None
    prediction: Prediction | None = None
    drawn: "Future[Drawn] | None" = None
    seconds: float = 0.0
    note: str = ""
    error: tuple[str, str] | None = None


@dataclass(slots=True, eq=False)
class Step:
    """One claim on its way."""

    claim: Claim
    judge: Judge = field(default_factory=Judge)
    items: list[Item] = field(default_factory=list)

    def cancel(self) -> None:
        """Start nothing more for it, and leave no pictures that no row refers to."""
        for item in self.items:
            for future in (item.photo, item.drawn):
                if future:
                    future.cancel()
        files.delete(name for item in self.items for name in _drawn_names(item))


def warm_up() -> None:
    """Load torch and the models in use, those promoted last if they are too many to keep."""
    import_module("detection.detector")
    active = ModelVersion.objects.filter(standing=Standing.ACTIVE).order_by("-promoted")
    for version in active[: settings.DETECTOR_CACHE]:
        try:
            detector(version)
        except Exception:
            # Its photos will tell; the worker must start all the same.
            log.exception("%s could not be loaded", version)


def judge_of(category: Category) -> Judge:
    """Looks the active version up and loads it; what a person could mend becomes a code and a message."""
    version = active_version(category)
    if version is None:
        return Judge(
            code="no_active_version",
            message=f"{category} no longer has an active model version. Promote one, then press Retry.",
        )
    try:
        return Judge(version, detector(version))
    except BadArtifact as problem:
        return Judge(code=problem.code, message=f"{version} cannot be used. {problem}")


def start(step: Step, category: Category, pool: ThreadPoolExecutor) -> None:
    """Load the model, and begin to decode the photos of a claim."""
    step.judge = judge_of(category)
    step.items = [Item(row) for row in Inspection.objects.filter(pk__in=step.claim.ids).order_by("pk")]
    for item in step.items:
        if step.judge.detector is None:
            item.error = (step.judge.code, step.judge.message)
        else:
            prepare, levels = step.judge.detector.prepare, step.judge.detector.levels
            item.photo = pool.submit(pictures.read, str(item.row.original), prepare, levels)


def judge(step: Step, pool: ThreadPoolExecutor) -> None:
    """One forward pass over the photos that could be decoded, then begin to draw."""
    readable = [(item, photo) for item in step.items if (photo := _photo(item))]
    if not readable:
        return
    assert step.judge.detector and step.judge.version
    start = time.perf_counter()
    predictions = step.judge.detector.predict([photo.prepared for _, photo in readable])
    seconds = (time.perf_counter() - start) / len(readable)
    scale = MapScale(step.judge.version.map_low, step.judge.version.map_high)
    for (item, photo), prediction in zip(readable, predictions, strict=True):
        item.seconds, item.note = photo.seconds + seconds, photo.note
        if not math.isfinite(prediction.score):
            item.error = (
                "no_score",
                "The model returned no valid score for this photo. Retrain the category.",
            )
            continue
        item.prediction = prediction
        mark = step.claim.token.hex[:8]
        item.drawn = pool.submit(
            pictures.draw, str(item.row.original), mark, photo.preview, prediction, scale
        )


def write(step: Step) -> int:
    """Write what was found, where the claim is still ours. How many rows that ended."""
    values = {item.row.pk: _values(step, item) for item in step.items}
    with transaction.atomic():
        ended = {pk for pk, found in values.items() if jobs.finish(Inspection, pk, step.claim.token, **found)}
    if len(ended) < len(step.items):
        log.warning("%s photos were given to another worker", len(step.items) - len(ended))
    files.delete(name for item in step.items if item.row.pk not in ended for name in _drawn_names(item))
    return len(ended)


def _photo(item: Item) -> Photo | None:
    """The decoded photo; None when it is the photo's own fault that there is none."""
    if item.photo is None:
        return None
    future, item.photo = item.photo, None
    try:
        return future.result()
    except UnreadableImage as problem:
        item.error = (problem.code, str(problem))
    except FileNotFoundError:
        item.error = (
            "photo_missing",
            "The photo is no longer in storage. Restore it from a backup and press Retry, or send it again.",
        )
    return None


def _values(step: Step, item: Item) -> dict[str, Any]:
    """The columns of a row that ends."""
    if item.error or not (item.prediction and item.drawn):
        code, message = item.error or ("worker_fault", "")
        return {"state": State.FAILED, "error_code": code, "error_message": message}
    drawn = item.drawn.result()
    return {
        "verdict": item.prediction.verdict,
        "score": item.prediction.score,
        "threshold": item.prediction.threshold,
        "review_from": item.prediction.review_from,
        "p_value": item.prediction.p_value,
        "version": step.judge.version,
        "milliseconds": round((item.seconds + drawn.seconds) * 1000),
        **({"note": _note(item)} if item.note else {}),
        **drawn.names,
    }


def _note(item: Item) -> str:
    """What was said of the photo when it came, and what it turned out to be; said once after retries."""
    said = item.row.note.removesuffix(item.note).rstrip("; ")
    return "; ".join(filter(None, (said, item.note)))[:NOTE_LENGTH]


def _drawn_names(item: Item) -> list[str]:
    """Pictures already written for an item whose row will not refer to them."""
    if item.drawn is None or item.drawn.cancelled():
        return []
    try:
        return list(item.drawn.result().names.values())
    except Exception:
        return []
