"""A person's decision about an inspection: added beside the verdict, never over it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from inspector.core import clock
from inspector.core.errors import Conflict, Refused
from inspector.core.events import Who, record
from inspector.inspections.models import Inspection
from inspector.inspections.selectors import locked_inspection
from inspector.reviews import outcomes, second
from inspector.reviews.defect_types import named
from inspector.reviews.events import ReviewEvent
from inspector.reviews.may import refuse_to_decide
from inspector.reviews.models import WORDS_LENGTH, Decision, DefectType, Entry, Review

AT_ONCE = 500  # inspections
# `seen` is not checked: for programs, and where a person decides about many in the queue.
UNASKED = -1


@dataclass(frozen=True, slots=True)
class Finding:
    """What is decided. `defect`: a defect type of the category, or the name of one that may be new."""

    decision: str
    defect: DefectType | str | None = None
    severity: str = ""
    disposition: str = ""
    comment: str = ""
    seconds: float | None = None


def decide(
    inspection: Inspection,
    finding: Finding,
    *,
    by: Any,
    seen: int | None = UNASKED,
    operation: UUID | None = None,
    from_queue: bool = False,
) -> Review:
    """Add a review; it is what the inspection ended with until it is withdrawn or followed by another.

    seen: id of the standing review that the person saw, None for none. from_queue: refuse what was decided
    since the queue showed it. The same operation sent again gives the review it made. Raises Conflict
    "no_verdict", "decided_meanwhile", "withdrawn" or "wrong_category", Refused "invalid_review" (with fields)
    or "may_not_decide".
    """
    _check(finding)
    with transaction.atomic():
        current = locked_inspection(inspection.pk)
        if not current.verdict:
            raise Conflict(
                "no_verdict", f"{current.filename} has no verdict yet, so there is nothing to review."
            )
        refuse_to_decide(by, current)
        if operation and (again := _of_operation(current, operation, by)):
            return again
        _refuse_unseen(current, seen)
        if from_queue:
            _refuse_decided(current, by)
        former = outcomes.standing(current)
        in_hand = Entry.objects.filter(inspection=current, closed=None, lent_to=by).exists()
        review = _write(current, finding, former, by, operation)
        second.decided(review, blindly=in_hand)
        record(by, ReviewEvent.DECIDED, current, operation=operation, **_detail_of(review, former))
    inspection.outcome, inspection.reviewed = current.outcome, current.reviewed
    return review


def _of_operation(inspection: Inspection, operation: UUID, by: Any) -> Review | None:
    """The review that it has already made, if any; Conflict "withdrawn" if that was taken back since, and
    "decided_meanwhile" if another person made it."""
    made = Review.objects.filter(inspection=inspection, operation=operation).first()
    if made and made.person_id != by.pk:
        raise _meanwhile(inspection, made)
    if made and hasattr(made, "withdrawal"):
        raise Conflict(
            "withdrawn", f"{inspection.filename}: this decision was withdrawn. Decide again.", see=inspection
        )
    return made


def _write(
    inspection: Inspection, finding: Finding, former: Review | None, by: Who, operation: UUID | None
) -> Review:
    defect = _defect(inspection, finding, by)
    review = Review.objects.create(
        inspection=inspection,
        person=by,
        decision=finding.decision,
        defect_type=defect,
        severity=finding.severity or (defect.severity if defect else ""),
        disposition=finding.disposition,
        comment=finding.comment.strip(),
        seconds=finding.seconds,
        operation=operation,
    )
    outcomes.write(inspection, former, review)
    Entry.objects.filter(inspection=inspection, closed=None).update(
        closed=clock.now(), lent_to=None, lent_until=None, not_for=None
    )
    return review


def _detail_of(review: Review, former: Review | None) -> dict[str, Any]:
    detail = {
        "review": review.pk,
        "decision": review.decision,
        "verdict": review.inspection.verdict,
        "defect_type": review.defect_type and review.defect_type.name,
        "severity": review.severity,
        "disposition": review.disposition,
        "comment": review.comment,
        "before": former and {"decision": str(former)},
    }
    return {name: value for name, value in detail.items() if value}


def decide_many(
    ids: Iterable[int], finding: Finding, *, by: Any, operation: UUID
) -> tuple[list[Review], list[Refused]]:
    """The same decision about several inspections that wait in the queue, to be undone as one
    (`withdraw.withdraw_operation`).

    Those that cannot be decided are returned with the reason; the others are decided.
    """
    ids = list(dict.fromkeys(ids))
    if len(ids) > AT_ONCE:
        raise Refused("too_many", f"Decide about at most {AT_ONCE} photos at once; these are {len(ids):,}.")
    reviews: list[Review] = []
    refused: list[Refused] = []
    rows = list(Inspection.objects.filter(pk__in=ids).order_by("pk"))
    if len(rows) < len(ids):
        refused.append(_gone(len(ids) - len(rows)))
    for row in rows:
        try:
            reviews.append(decide(row, finding, by=by, operation=operation, from_queue=True))
        except Refused as problem:
            refused.append(problem)
    return reviews, refused


def _gone(n: int) -> Conflict:
    words = "One of the photos that you selected is" if n == 1 else f"{n} of the photos that you selected are"
    return Conflict("gone", f"{words} no longer in the history: there is nothing to decide about.")


def _check(finding: Finding) -> None:
    wrong: dict[str, list[str]] = {}
    if finding.decision not in Decision.values:
        wrong["decision"] = ["Choose good, defective or cannot tell."]
    elif finding.decision != Decision.DEFECTIVE:
        for name, words in (
            ("defect", "defect type"),
            ("severity", "severity"),
            ("disposition", "disposition"),
        ):
            if getattr(finding, name):
                wrong[name] = [f"Only a defective part has a {words}."]
    if len(finding.comment.strip()) > WORDS_LENGTH:
        wrong["comment"] = [f"Use at most {WORDS_LENGTH} characters."]
    if wrong:
        raise Refused("invalid_review", " ".join(next(iter(wrong.values()))), fields=wrong)


def _defect(inspection: Inspection, finding: Finding, by: Who) -> DefectType | None:
    defect = finding.defect
    if isinstance(defect, str):
        return named(inspection.category, defect, by=by) if defect.strip() else None
    if defect is None:
        return None
    if defect.category_id != inspection.category_id:
        words = (
            f"“{defect}” is a defect type of {defect.category}, and this is a photo of {inspection.category}."
        )
    elif defect.retired:
        words = f"“{defect}” was retired. Choose another defect type."
    else:
        return defect
    raise Refused("invalid_review", words, fields={"defect": [words]})


def _refuse_unseen(inspection: Inspection, seen: int | None) -> None:
    if seen == UNASKED:
        return
    now = outcomes.standing(inspection)
    if (now.pk if now else None) != seen:
        raise _meanwhile(inspection, now)


def _refuse_decided(inspection: Inspection, by: Any) -> None:
    """Refuse what another person was faster to decide, and what waits for a second opinion by another one."""
    now = outcomes.standing(inspection)
    waits = Entry.objects.filter(inspection=inspection, closed=None).exclude(not_for=by).exists()
    if now and not waits:
        raise _meanwhile(inspection, now)


def _meanwhile(inspection: Inspection, now: Review | None) -> Conflict:
    words = (
        f"{now.person} decided meanwhile: {now.get_decision_display()}"
        if now
        else "It was withdrawn meanwhile"
    )
    return Conflict(
        "decided_meanwhile", f"{inspection.filename}: {words}. Your decision was not saved.", see=inspection
    )
