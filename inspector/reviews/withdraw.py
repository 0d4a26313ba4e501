"""Taking a decision back. The review is kept, and so is who took it back."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from inspector.core import clock
from inspector.core.errors import Conflict, Refused
from inspector.core.events import record
from inspector.inspections.selectors import locked_inspection
from inspector.reviews import outcomes, second
from inspector.reviews.events import ReviewEvent
from inspector.reviews.models import WORDS_LENGTH, Entry, Review, Withdrawal
from inspector.reviews.queue import LENT_FOR, opened_again


def withdraw(review: Review, *, by: Any, reason: str = "") -> Withdrawal:
    """Its inspection ends with the review before it; without one, with the verdict, and it is queued again.

    Own ones need no reason; those of others need one, and the permission "withdraw_any_review". Raises
    Refused "not_yours" or "invalid_withdrawal", Conflict "withdrawn".
    """
    reason = _checked(review, by, reason)
    try:
        with transaction.atomic():
            inspection = locked_inspection(review.inspection_id)
            before = outcomes.standing(inspection)
            withdrawal = Withdrawal.objects.create(review=review, person=by, reason=reason)
            now = outcomes.standing(inspection)
            outcomes.write(inspection, before, now)
            if now is None:
                # The person who takes it back has it in hand: no other person gets it meanwhile.
                until = clock.seconds_from_now(LENT_FOR)
                entries = Entry.objects.filter(inspection=inspection)
                entries.update(**opened_again(lent_to=by, lent_until=until))
            second.withdrawn(review)
            detail = {
                "decision": review.decision,
                "of": str(review.person),
                "reason": reason,
                "review": review.pk,
            }
            record(by, ReviewEvent.WITHDRAWN, inspection, **detail)
    except IntegrityError:
        raise Conflict("withdrawn", "This decision was withdrawn already. Reload the page.") from None
    return withdrawal


def withdraw_operation(operation: UUID, *, by: Any) -> int:
    """Take back everything that one operation decided. How many that were; what another request takes back
    at the same time is left to it."""
    reviews = list(Review.objects.filter(operation=operation, person=by, withdrawal=None).order_by("-pk"))
    withdrawn = 0
    for review in reviews:
        with suppress(Conflict):
            withdraw(review, by=by)
            withdrawn += 1
    return withdrawn


def _checked(review: Review, by: Any, reason: str) -> str:
    reason = reason.strip()
    if len(reason) > WORDS_LENGTH:
        words = f"Use at most {WORDS_LENGTH} characters."
        raise Refused("invalid_withdrawal", words, fields={"reason": [words]})
    if review.person_id == by.pk:
        return reason
    if not by.has_perm("reviews.withdraw_any_review"):
        raise Refused(
            "not_yours", f"{review.person} made this decision: ask an admin to withdraw it.", status=403
        )
    if not reason:
        words = f"Say why: it is {review.person}'s decision."
        raise Refused("invalid_withdrawal", words, fields={"reason": [words]})
    return reason
