"""Taking a mark back. It is kept, and so is who took it back."""

from typing import Any

from django.db import IntegrityError, transaction

from inspector.core.errors import Conflict, Refused
from inspector.core.events import record
from inspector.reviews.events import ReviewEvent
from inspector.reviews.models import WORDS_LENGTH, Mark, MarkWithdrawal


def unmark(mark: Mark, *, by: Any, reason: str = "") -> MarkWithdrawal:
    """Its photo then has no mark; no earlier one comes back.

    Own ones need no reason; those of others need one, and the permission "withdraw_any_review". Raises
    Refused "not_yours" or "invalid_withdrawal", Conflict "withdrawn".
    """
    reason = _checked(mark, by, reason.strip())
    try:
        with transaction.atomic():
            made = MarkWithdrawal.objects.create(mark=mark, person=by, reason=reason)
            detail = {"mark": mark.pk, "of": str(mark.person), "reason": reason}
            record(by, ReviewEvent.MARK_WITHDRAWN, mark.inspection, **detail)
    except IntegrityError:
        raise Conflict("withdrawn", "This mark was withdrawn already. Reload the page.") from None
    return made


def _checked(mark: Mark, by: Any, reason: str) -> str:
    if len(reason) > WORDS_LENGTH:
        words = f"Use at most {WORDS_LENGTH} characters."
        raise Refused("invalid_withdrawal", words, fields={"reason": [words]})
    if mark.person_id == by.pk:
        return reason
    if not by.has_perm("reviews.withdraw_any_review"):
        raise Refused(
            "not_yours",
            f"{mark.person} made this mark: replace it with your own, or ask an admin to withdraw it.",
            status=403,
        )
    if not reason:
        words = f"Say why: it is {mark.person}'s mark."
        raise Refused("invalid_withdrawal", words, fields={"reason": [words]})
    return reason
