"""One photo of a claim on its way, and the columns of its row when it ends."""

from dataclasses import dataclass
from typing import Any

from detection import Prediction
from inspector.categories.models import Category
from inspector.core.jobs import State
from inspector.core.lanes import Work
from inspector.core.uploads import NOTE_LENGTH
from inspector.inspections.codes import Seen
from inspector.inspections.doubt import doubt_of
from inspector.inspections.examined import columns
from inspector.inspections.hold import CLEARED
from inspector.inspections.models import BY_VERDICT, Inspection
from inspector.inspections.part_models import PartRules
from inspector.inspections.part_rules import Filled, by_code
from inspector.inspections.pictures import NOTHING, Drawn, Photo
from inspector.inspections.place import Fault
from inspector.registry.models import Deployment


@dataclass(slots=True)
class Item:
    """One photo on its way. It ends with an error, with a prediction and its pictures, or it waits."""

    row: Inspection
    photo: "Work[Photo] | None" = None
    prediction: Prediction | None = None
    drawn: "Work[Drawn] | None" = None
    pictures: Drawn | None = None
    seconds: float = 0.0
    note: str = ""
    brightness: float | None = None
    sharpness: float | None = None
    seen: Seen = NOTHING
    error: tuple[str, str] | None = None
    looks_like: Category | None = None
    wait: Fault | None = None


def replaced_by(item: Item) -> list[str]:
    """The former pictures of one that was refused before: the new ones take their place."""
    kinds = item.pictures.names if item.pictures else {}
    return [str(name) for kind in kinds if (name := getattr(item.row, kind))]


def end_of(item: Item, deployment: Deployment | None, rules: PartRules) -> dict[str, Any]:
    """The columns of a row that ends."""
    if item.error or not (item.prediction and item.pictures):
        code, message = item.error or ("worker_fault", "")
        names = item.pictures.names if item.pictures else {}
        why = {"error_code": code, "error_message": message, "looks_like": item.looks_like}
        return {"state": State.FAILED, **why, **names, **CLEARED}
    return {
        "looks_like": None,
        "verdict": item.prediction.verdict,
        "outcome": BY_VERDICT[item.prediction.verdict],
        "score": item.prediction.score,
        "threshold": item.prediction.threshold,
        "review_from": item.prediction.review_from,
        "drafted": item.prediction.decided_by == "draft",
        "draft_agrees": item.prediction.draft_agrees,
        "p_value": item.prediction.p_value,
        **columns(item.prediction),
        "doubt": _doubt(deployment, item.prediction),
        "version": deployment and deployment.version,
        "deployment": deployment,
        "brightness": item.brightness,
        "sharpness": item.sharpness,
        "milliseconds": round((item.seconds + item.pictures.seconds) * 1000),
        **_seen(rules, item),
        **item.pictures.names,
        **CLEARED,
    }


def _doubt(deployment: Deployment | None, prediction: Prediction) -> float:
    return doubt_of(prediction.score, prediction.threshold, deployment.version_id if deployment else None)


def _seen(rules: PartRules, item: Item) -> dict[str, Any]:
    """What the photo turned out to be and what it says about itself; none of this changes what was said."""
    seen = item.seen
    filled = by_code(rules, item.row, seen.code) if seen.code else Filled({}, seen.note)
    note = _note(item.row.note, "; ".join(filter(None, (item.note, filled.note))))
    columns = filled.columns | ({"taken": seen.taken} if seen.taken else {})
    return columns | ({"note": note} if note != item.row.note else {})


def _note(before: str, now: str) -> str:
    """What was said of the photo when it came, and what it turned out to be; said once after retries."""
    said = before.removesuffix(now).rstrip("; ") if now else before
    return "; ".join(filter(None, (said, now)))[:NOTE_LENGTH]
