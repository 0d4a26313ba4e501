"""What an inspection ended with: kept as columns for lists and sums, derived from verdict and reviews."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from inspector.inspections.models import BY_VERDICT, Disagreement, Inspection, Outcome, Verdict
from inspector.reviews import changes
from inspector.reviews.changes import Change
from inspector.reviews.models import Decision, Review

BY_DECISION = {
    Decision.GOOD.value: Outcome.GOOD,
    Decision.DEFECTIVE.value: Outcome.DEFECTIVE,
    Decision.UNSURE.value: Outcome.OPEN,
}
AT_ONCE = 5000


DISAGREEMENTS = {
    (Verdict.OK.value, Decision.DEFECTIVE.value): Disagreement.ESCAPE,
    (Verdict.ANOMALY.value, Decision.GOOD.value): Disagreement.FALSE_CALL,
}
# Of an inspection, made from its verdict and its newest standing review.
COLUMNS = ("outcome", "reviewed", "decided_by_id", "defect_type", "severity", "disagreement")


def standing(inspection: Inspection) -> Review | None:
    """The newest review that was not withdrawn."""
    return standing_reviews().filter(inspection=inspection).first()


def standing_ids(inspections: Iterable[Inspection]) -> dict[int, int]:
    """By inspection, the id of its newest review that was not withdrawn, where there is one."""
    rows = standing_reviews().filter(inspection__in=list(inspections)).order_by("pk")
    return dict(rows.values_list("inspection", "pk"))


def standing_reviews() -> QuerySet[Review]:
    """Those that count, newest first."""
    return Review.objects.filter(withdrawal=None).order_by("-pk")


def write(inspection: Inspection, before: Review | None, review: Review | None) -> None:
    """Bring an inspection's columns up to its newest standing review; `before` was that until now. Inside the
    transaction of the action."""
    outcome_before = inspection.outcome
    _update(inspection, _of(inspection.verdict, review))
    defect_before, defect = (one.defect_type_id if one else None for one in (before, review))
    changes.written([Change(inspection, outcome_before, inspection.outcome, defect_before, defect)])


def _update(inspection: Inspection, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(inspection, name, value)
    Inspection.objects.filter(pk=inspection.pk).update(**values)


def _of(verdict: str, review: Review | None) -> dict[str, Any]:
    if review is None:
        return dict.fromkeys(COLUMNS) | {"outcome": BY_VERDICT.get(verdict, "")}
    return {
        "outcome": BY_DECISION[review.decision],
        "reviewed": review.created,
        "decided_by_id": review.person_id,
        "defect_type": review.defect_type_id,
        "severity": review.severity or None,
        "disagreement": DISAGREEMENTS.get((verdict, review.decision)),
    }


def recompute(rows: QuerySet[Inspection] | None = None) -> int:
    """Recompute the columns of all inspections from verdicts and reviews. How many had been wrong."""
    chosen = rows if rows is not None else Inspection.objects.all()
    wrong, last = 0, 0
    while step := list(
        chosen.filter(pk__gt=last).order_by("pk").defer("original", "error_message")[:AT_ONCE]
    ):
        # The newest comes last, and stays.
        reviews = standing_reviews().filter(inspection__in=step).order_by("pk")
        newest = {review.inspection_id: review for review in reviews}
        wrong += sum(_put_right(row, newest.get(row.pk)) for row in step)
        last = step[-1].pk
    return wrong


def _put_right(row: Inspection, review: Review | None) -> bool:
    if _is_right(row, review):
        return False
    with transaction.atomic():
        # Somebody may have decided since both were read: it would be counted twice, or undone.
        now = Inspection.objects.select_for_update().filter(pk=row.pk).first()
        if now is None or _is_right(now, review := standing(now)):
            return False
        before = now.outcome
        _update(now, _of(now.verdict, review))
        changes.written([Change(now, before, now.outcome)])
    return True


def _is_right(row: Inspection, review: Review | None) -> bool:
    return all(getattr(row, name) == value for name, value in _of(row.verdict, review).items())
