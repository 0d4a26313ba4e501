"""What becomes of a lot: released, blocked or under review. Each decision is kept; the newest counts."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet

from inspector.core.errors import Conflict, Refused
from inspector.core.events import record
from inspector.inspections.of_part import rows_of
from inspector.reviews.events import ReviewEvent
from inspector.reviews.models import WORDS_LENGTH, LotDecision, LotStatus

ADD = "reviews.add_lotdecision"
MEANWHILE = "Another person has decided about this lot meanwhile. Read that, then decide again."


def decide_lot(lot: str, *, status: str, reason: str, by: Any, seen: int = 0) -> LotDecision:
    """`seen`: the number of the newest decision that the person knows of, 0 for none.

    Raises Refused "invalid_lot_decision" or "no_lot", Conflict "decided_meanwhile".
    """
    reason = reason.strip()
    _check(lot, status, reason)
    before = decisions(lot).first()
    if (before.number if before else 0) != seen:
        raise Conflict("decided_meanwhile", MEANWHILE)
    try:
        with transaction.atomic():
            made = LotDecision.objects.create(
                lot=lot, number=seen + 1, status=status, reason=reason, person=by
            )
            detail = {"status": status, "before": before.status if before else "", "reason": reason}
            record(by, ReviewEvent.LOT_DECIDED, f"Lot {lot}", **detail)
    except IntegrityError:
        raise Conflict("decided_meanwhile", MEANWHILE) from None
    return made


def _check(lot: str, status: str, reason: str) -> None:
    wrong: dict[str, list[str]] = {}
    if status not in LotStatus:
        wrong["status"] = [f"Choose one of {', '.join(LotStatus.values)}."]
    if not reason:
        wrong["reason"] = ["Say why: the lot's page and the audit trail show it."]
    elif len(reason) > WORDS_LENGTH:
        wrong["reason"] = [f"Use at most {WORDS_LENGTH} characters."]
    if wrong:
        raise Refused("invalid_lot_decision", next(iter(wrong.values()))[0], fields=wrong)
    if not rows_of("lot", lot).exists():
        raise Refused("no_lot", "No photo is of this lot.", status=404)


def decisions(lot: str) -> QuerySet[LotDecision]:
    """About a lot, the newest first."""
    return LotDecision.objects.filter(lot=lot).select_related("person").order_by("-number")


def statuses(lots: Iterable[str]) -> dict[str, LotDecision]:
    """The decision that counts of each of these lots that has one."""
    rows = LotDecision.objects.filter(lot__in=list(lots))
    newest = rows.order_by().values("lot").annotate(newest=Max("pk")).values("newest")
    return {one.lot: one for one in LotDecision.objects.filter(pk__in=newest)}
