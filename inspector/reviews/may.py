"""Who may decide about which inspection."""

from typing import Any

from inspector.core.errors import Refused
from inspector.inspections.models import Inspection, Verdict
from inspector.reviews.enqueue import rules_of
from inspector.reviews.queue import WORK as WORK


def may_decide(person: Any, inspection: Inspection) -> bool:
    """QA managers and admins; inspectors about REVIEW verdicts of photos that they sent, if the category
    allows it."""
    if not inspection.verdict:
        return False
    if person.has_perm(WORK):
        return True
    own = inspection.submitted_by_id == person.pk and inspection.verdict == Verdict.REVIEW
    return own and person.has_perm("reviews.add_review") and rules_of(inspection.category).inspectors_decide


def refuse_to_decide(person: Any, inspection: Inspection) -> None:
    """Refused "may_not_decide" with what an inspector can do instead."""
    if not may_decide(person, inspection):
        raise Refused(
            "may_not_decide",
            "QA managers decide about this photo. If you doubt its verdict, dispute it and say why.",
            status=403,
        )


def may_dispute(person: Any, inspection: Inspection) -> bool:
    """Inspectors dispute verdicts of photos that they sent; people who work the queue, any."""
    if not inspection.verdict or not person.has_perm("reviews.dispute_inspection"):
        return False
    return inspection.submitted_by_id == person.pk or bool(person.has_perm(WORK))
