"""Marking where on a photo the defect is: added beside the model's map, never over it."""

import hashlib
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from django.db import transaction
from PIL import Image

from detection.drawing import outlines
from inspector.core import files
from inspector.core.errors import Conflict, Refused
from inspector.core.events import record
from inspector.inspections.models import Inspection
from inspector.inspections.selectors import locked_inspection
from inspector.reviews import masks, outcomes
from inspector.reviews.decide import UNASKED
from inspector.reviews.events import ReviewEvent
from inspector.reviews.marks import standing_mark
from inspector.reviews.may import refuse_to_decide
from inspector.reviews.models import Decision, Mark


def mark(
    inspection: Inspection,
    mask: Image.Image,
    *,
    by: Any,
    tools: Sequence[str] = (),
    seen: int | None = UNASKED,
) -> Mark:
    """Add a mark; it counts until it is withdrawn or followed by another.

    mask: as `masks` makes it. seen: id of the mark that the person saw, None for none. The same again by the
    same person gives the mark that is there. Raises Conflict "no_verdict", "no_photo", "decided_good" or
    "marked_meanwhile", Refused "invalid_mask" or "may_not_decide".
    """
    refuse_to_mark(inspection, by)
    _check_tools(tools)
    share = masks.share_of(mask)
    content = masks.png(mask)
    digest = hashlib.sha256(content).hexdigest()
    place = PurePosixPath(str(inspection.original)).parent / f"mark-{digest}"
    # Before the row: a file without one is found and removed, a row without its file is not.
    names = {
        "mask": files.store(f"{place}.png", content),
        "outline": files.store(f"{place}.svg", outlines.render_svg(mask).encode()),
    }
    with transaction.atomic():
        current = locked_inspection(inspection.pk)
        _refuse_good(current)
        now = standing_mark(current)
        if now and now.sha256 == digest and now.person_id == by.pk:
            return now
        _refuse_unseen(current, now, seen)
        made = Mark.objects.create(
            inspection=current, person=by, sha256=digest, share=share, tools=list(tools), **names
        )
        record(by, ReviewEvent.MARKED, current, mark=made.pk, share=share, tools=list(tools), sha256=digest)
    return made


def refuse_to_mark(inspection: Inspection, by: Any) -> None:
    """Refused where there can be no mark, before any of it is read."""
    if not inspection.verdict:
        raise Conflict("no_verdict", f"{inspection.filename} has no verdict yet: mark it when it is judged.")
    refuse_to_decide(by, inspection)
    if not files.exists(str(inspection.preview)):
        raise Conflict(
            "no_photo", f"The photo {inspection.filename} is no longer in storage: nothing to mark."
        )
    _refuse_good(inspection)


def may_mark(inspection: Inspection, by: Any) -> bool:
    try:
        refuse_to_mark(inspection, by)
    except Refused:
        return False
    return True


def _refuse_good(inspection: Inspection) -> None:
    review = outcomes.standing(inspection)
    if review and review.decision == Decision.GOOD:
        raise Conflict(
            "decided_good",
            f"{inspection.filename} was decided to be good, so there is no defect to mark. Decide that it is "
            "defective first.",
            see=inspection,
        )


def _check_tools(tools: Sequence[str]) -> None:
    unknown = [name for name in tools if name not in masks.TOOLS]
    if unknown or len(tools) > len(masks.TOOLS):
        words = f"The tools of a mark are: {', '.join(masks.TOOLS)}."
        raise Refused("invalid_mask", words, fields={"tools": [words]})


def _refuse_unseen(inspection: Inspection, now: Mark | None, seen: int | None) -> None:
    if seen == UNASKED or (now.pk if now else None) == seen:
        return
    words = f"{now.person} marked it meanwhile" if now else "The mark was withdrawn meanwhile"
    raise Conflict(
        "marked_meanwhile",
        f"{inspection.filename}: {words}. Your mark was not saved. Reload the page to see the change.",
        see=inspection,
    )
