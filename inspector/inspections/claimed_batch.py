"""What happens to one claim of photos: decoded, judged, drawn and written."""

import logging
import math
import time
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import transaction

import detection
from detection import BadArtifact, MapScale, Prediction, UnreadableImage
from inspector.categories.models import Category
from inspector.core import files, jobs
from inspector.core.jobs import Claim
from inspector.core.lanes import Lanes, Overdue
from inspector.inspections import pictures, verdicts
from inspector.inspections.claimed_item import Item, end_of, replaced_by
from inspector.inspections.examined import examined
from inspector.inspections.hold import give_up, hold
from inspector.inspections.models import Inspection
from inspector.inspections.pace import Pace
from inspector.inspections.part_models import PartRules
from inspector.inspections.part_rules import look_of, rules_of
from inspector.inspections.pictures import Drawn, Photo
from inspector.inspections.place import MEMORY, STORAGE, Away, Fault, fault_of_place
from inspector.inspections.which_part import other_part
from inspector.registry.artifacts import is_away
from inspector.registry.detectors import cascade, detector
from inspector.registry.models import Deployment
from inspector.registry.selectors import active_deployment, deployments

log = logging.getLogger(__name__)

MISSING = "The photo is no longer in storage. Restore it from a backup and press Retry, or send it again."
TOO_SLOW = "The photo could not be decoded in time: save it again in a common format and send it again."


@dataclass(frozen=True, slots=True)
class Judge:
    """The deployment that judges a claim, its version loaded; or why there is none that could.

    cascade: the detector with its quick draft in front, where that is to decide.
    """

    deployment: Deployment | None = None
    detector: "detection.Detector | None" = None
    cascade: "detection.Cascade | None" = None
    code: str = ""
    message: str = ""


@dataclass(slots=True, eq=False)
class ClaimedBatch:
    """One claim on its way."""

    claim: Claim
    judge: Judge = field(default_factory=Judge)
    rules: PartRules = field(default_factory=PartRules)
    items: list[Item] = field(default_factory=list)

    def cancel(self, lanes: Lanes) -> None:
        """Start nothing more for it, and leave no pictures that no row refers to."""
        for item in self.items:
            if item.photo:
                item.photo.cancel()
            if item.drawn and not item.pictures and not item.drawn.cancel(late=_forget):
                with suppress(Exception):
                    item.pictures = item.drawn.result()
        drop(self.items, lanes)


def warm_up() -> None:
    """Load torch and the models in use, those deployed last if they are too many to keep."""
    import_module("detection.judging.detector")
    for deployment in deployments().filter(until=None)[: settings.DETECTOR_CACHE]:
        try:
            _load(deployment)
        except Exception:
            # Its photos will show it; the worker must start all the same.
            log.exception("%s could not be loaded", deployment.version)


def judge_of(category: Category) -> Judge:
    """Look up the active deployment and load its version; what a person could fix becomes a code and a
    message. The claim is judged by this deployment to its end, whatever a person changes meanwhile."""
    deployment = active_deployment(category)
    if deployment is None:
        return Judge(
            code="no_active_version",
            message=f"{category} no longer has an active model version. Promote one, then press Retry.",
        )
    version = deployment.version
    try:
        return Judge(deployment, *_load(deployment))
    except BadArtifact as problem:
        if fault_of_place(problem):
            raise  # not damaged, only unreadable at the moment
        if is_away(version, problem):
            raise Away(STORAGE) from problem
        return Judge(code=problem.code, message=f"{version} cannot be used. {problem}")


def _load(deployment: Deployment) -> "tuple[detection.Detector, detection.Cascade | None]":
    version = deployment.version
    return detector(version), cascade(version) if deployment.fast else None


def start(step: ClaimedBatch, lanes: Lanes) -> None:
    """Begin to decode the photos of a claim, whose judge is there."""
    step.items = [Item(row) for row in Inspection.objects.filter(pk__in=step.claim.ids).order_by("pk")]
    if step.items:
        step.rules = rules_of(step.items[0].row.category_id)
    look = look_of(step.rules)
    for item in step.items:
        if step.judge.detector is None:
            item.error = (step.judge.code, step.judge.message)
        else:
            prepare, levels = step.judge.detector.prepare, step.judge.detector.levels
            name = str(item.row.original)
            about = (name, prepare, levels, look)
            item.photo = lanes.submit("read", settings.READ_SECONDS, pictures.read, *about)


def judge(step: ClaimedBatch, lanes: Lanes, pace: Pace) -> None:
    """One forward pass over the photos that could be decoded, then begin to draw."""
    readable = [(item, photo) for item in step.items if (photo := _photo(item, pace))]
    if not readable:
        return
    deployment = step.judge.deployment
    assert step.judge.detector and deployment
    start = time.perf_counter()
    judged = _predict(step.judge, readable, pace)
    seconds = (time.perf_counter() - start) / len(readable)
    scale = MapScale(deployment.map_low, deployment.map_high)
    for item, photo, prediction in judged:
        item.seconds, item.note = photo.seconds + seconds, photo.note
        item.brightness, item.sharpness = photo.brightness, photo.sharpness
        item.seen = photo.seen
        if not math.isfinite(prediction.score):
            item.error = (
                "no_score",
                "The model returned no valid score for this photo. Retrain the category.",
            )
            continue
        if _shows_another_part(step, item, photo, prediction):
            seen = (str(item.row.original), step.claim.token.hex[:8], photo.preview)
            item.drawn = lanes.submit("write", settings.READ_SECONDS, pictures.show, *seen)
            continue
        item.prediction = prediction
        about = (str(item.row.original), step.claim.token.hex[:8], photo.preview, item.prediction, scale)
        item.drawn = lanes.submit("write", settings.READ_SECONDS, pictures.draw, *about)


def _shows_another_part(step: ClaimedBatch, item: Item, photo: Photo, prediction: Prediction) -> bool:
    """Then it gets no verdict, unless its category does not ask or a person has said that it is its part."""
    if not step.rules.checks_part or item.row.part_confirmed:
        return False
    if (other := other_part(item.row, photo.prepared, prediction)) is None:
        return False
    item.error, item.looks_like = other.error, other.looks_like
    return True


def _predict(
    judge: Judge, readable: list[tuple[Item, Photo]], pace: Pace
) -> list[tuple[Item, Photo, Prediction]]:
    """All at once; one by one if there is not enough memory for that. Photos without enough even then
    wait."""
    assert judge.detector and judge.deployment
    pace.expect("judge")
    try:
        predictions = _answers(judge, [photo.prepared for _, photo in readable])
    except Exception as problem:
        if (fault := _fault(problem)).code not in MEMORY:
            raise
        if len(readable) > 1:
            return [one for pair in readable for one in _predict(judge, [pair], pace)]
        _hold(readable[0][0], fault, pace, "judge")
        return []
    pace.passed("judge")
    pace.alive()
    judged = []
    for (item, photo), one in zip(readable, predictions, strict=True):
        judged.append((item, photo, examined(judge.detector, judge.deployment, photo.prepared, one)))
        pace.alive()
    return judged


def _answers(judge: Judge, photos: list[Any]) -> list[Prediction]:
    """The draft's where it decides, otherwise the model's."""
    assert judge.detector
    if judge.cascade:
        try:
            return judge.cascade.predict(photos)
        except Exception:
            # No photo fails for want of a draft.
            log.exception("%s: a quick draft failed, the model judges", judge.deployment)
    return judge.detector.predict(photos)


def write(step: ClaimedBatch, lanes: Lanes, pace: Pace) -> int:
    """Write what was found, where the claim is still ours. How many rows that ended."""
    for item in step.items:
        _draw(item, pace)
    items = [item for item in step.items if not item.wait]
    ends = {item.row.pk: end_of(item, step.judge.deployment, step.rules) for item in items}
    replaced = {item.row.pk: replaced_by(item) for item in items}
    given_up = 0
    with transaction.atomic():
        ended = {pk for pk, values in ends.items() if jobs.finish(Inspection, pk, step.claim.token, **values)}
        verdicts.written(_judged(step, ends, ended))
        for item in step.items:
            if item.wait:
                given_up += give_up(step.claim.token, item.wait, [item.row.pk])
                hold(step.claim.token, item.wait, [item.row.pk])
    if len(ended) < len(ends):
        log.warning("%s photos were given to another worker", len(ends) - len(ended))
    drop([item for item in step.items if item.row.pk not in ended], lanes)
    _remove([name for pk in ended for name in replaced[pk]], lanes)
    return len(ended) + given_up


def _judged(step: ClaimedBatch, ends: dict[int, dict[str, Any]], ended: set[int]) -> list[Inspection]:
    """The rows that got a verdict, as they were written."""
    judged = [item.row for item in step.items if item.row.pk in ended and "verdict" in ends[item.row.pk]]
    for row in judged:
        for name, value in ends[row.pk].items():
            setattr(row, name, value)
    return judged


def drop(items: list[Item], lanes: Lanes) -> None:
    """Remove the pictures of items whose rows will not refer to them."""
    _remove([name for item in items if item.pictures for name in item.pictures.names.values()], lanes)


def _remove(names: list[str], lanes: Lanes) -> None:
    if names:
        try:
            lanes.submit("write", settings.READ_SECONDS, files.delete, names).result()
        except Overdue:
            log.warning("%s pictures are left over: the storage does not answer", len(names))


def _photo(item: Item, pace: Pace) -> Photo | None:
    """The decoded photo; None when there is none: its own fault, or one of the place."""
    if item.photo is None:
        return None
    work, item.photo = item.photo, None
    try:
        photo = work.result()
        pace.passed("read")
        return photo
    except UnreadableImage as problem:
        item.error = (problem.code, str(problem))
    except FileNotFoundError:
        if files.is_mounted(str(item.row.original)):
            item.error = ("photo_missing", MISSING)
        else:
            _hold(item, STORAGE, pace, "read")
    except Exception as problem:
        if isinstance(problem, Overdue) and problem.step == "decode":
            item.error = ("too_slow", TOO_SLOW)
        else:
            _hold(item, _fault(problem), pace, "read")
    return None


def _draw(item: Item, pace: Pace) -> None:
    """Wait for the pictures; without them the photo has to wait for a place to put them."""
    if item.drawn is None:
        return
    try:
        item.pictures = item.drawn.result()
        pace.passed("write")
    except Exception as problem:
        item.drawn.cancel(late=_forget)
        _hold(item, _fault(problem), pace, "write")


def _fault(problem: Exception) -> Fault:
    """The fault of the place; any other stops the whole line."""
    fault = fault_of_place(problem)
    if fault is None:
        raise problem
    return fault


def _hold(item: Item, fault: Fault, pace: Pace, step: str) -> None:
    item.wait = fault
    log.warning("%s has to wait: %s %s", item.row, fault.code, fault.message)
    pace.met(step, fault)


def _forget(drawn: Drawn) -> None:
    """Pictures that were written after their step was given up."""
    files.delete(drawn.names.values())
