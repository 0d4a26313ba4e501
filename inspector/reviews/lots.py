"""What becomes of a lot: released, blocked or under review. Each decision is kept; the newest counts."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet

from inspector.categories.models import Category
from inspector.core.errors import Conflict, Refused
from inspector.core.events import record
from inspector.inspections.of_part import categories_of
from inspector.reviews.events import ReviewEvent
from inspector.reviews.models import WORDS_LENGTH, LotDecision, LotStatus

ADD = "reviews.add_lotdecision"
MEANWHILE = "Another person has decided about this lot meanwhile. Read that, then decide again."


def decide_lot(
    lot: str, *, status: str, reason: str, by: Any, seen: int = 0, category: Category | None = None
) -> LotDecision:
    """About the lot of a category, which may be left out where only one has a lot of this name.

    `seen`: the number of the newest decision that the person knows of, 0 for none. Raises Refused
    "invalid_lot_decision", "no_lot" or "which_category", Conflict "decided_meanwhile".
    """
    reason = reason.strip()
    _check(status, reason)
    category = the_category(lot, category)
    before = decisions(lot, category).first()
    if (before.number if before else 0) != seen:
        raise Conflict("decided_meanwhile", MEANWHILE)
    try:
        with transaction.atomic():
            made = LotDecision.objects.create(
                category=category, lot=lot, number=seen + 1, status=status, reason=reason, person=by
            )
            detail = {"status": status, "before": before.status if before else "", "reason": reason}
            record(by, ReviewEvent.LOT_DECIDED, f"Lot {lot}", category_id=category.pk, **detail)
    except IntegrityError:
        raise Conflict("decided_meanwhile", MEANWHILE) from None
    return made


def _check(status: str, reason: str) -> None:
    wrong: dict[str, list[str]] = {}
    if status not in LotStatus:
        wrong["status"] = [f"Choose one of {', '.join(LotStatus.values)}."]
    if not reason:
        wrong["reason"] = ["Say why: the lot's page and the audit trail show it."]
    elif len(reason) > WORDS_LENGTH:
        wrong["reason"] = [f"Use at most {WORDS_LENGTH} characters."]
    if wrong:
        raise Refused("invalid_lot_decision", next(iter(wrong.values()))[0], fields=wrong)


def the_category(lot: str, chosen: Category | None = None) -> Category:
    """Whose lot it is. Refused "no_lot", and "which_category" where several have one of this name."""
    categories = categories_of(lot)
    if chosen:
        categories = [one for one in categories if one == chosen]
    if not categories:
        raise Refused("no_lot", "No photo is of this lot.", status=404)
    if len(categories) > 1:
        words = f"Say of which category: {', '.join(one.slug for one in categories)} have a lot of this name."
        raise Refused("which_category", words, fields={"category": [words]})
    return categories[0]


def decisions(lot: str, category: Category) -> QuerySet[LotDecision]:
    """About the lot of a category, the newest first."""
    rows = LotDecision.objects.filter(lot=lot, category=category)
    return rows.select_related("person", "category").order_by("-number")


def statuses(lots: Iterable[str]) -> dict[tuple[str, int], LotDecision]:
    """The current decision of each of these lots that has one, by name and category's id."""
    rows = LotDecision.objects.filter(lot__in=list(lots))
    newest = rows.order_by().values("lot", "category").annotate(newest=Max("pk")).values("newest")
    return {(one.lot, one.category_id): one for one in LotDecision.objects.filter(pk__in=newest)}
