"""What an inspection ended with: kept as columns for lists and sums, made from the rows that say why."""

from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from inspector.inspections.models import BY_VERDICT, Inspection, Outcome
from inspector.reviews import changes
from inspector.reviews.changes import Change
from inspector.reviews.models import Decision, Review

BY_DECISION = {
    Decision.GOOD.value: Outcome.GOOD,
    Decision.DEFECTIVE.value: Outcome.DEFECTIVE,
    Decision.UNSURE.value: Outcome.OPEN,
}
AT_ONCE = 5000


def standing(inspection: Inspection) -> Review | None:
    """The newest review that was not withdrawn."""
    return standing_reviews().filter(inspection=inspection).first()


def standing_reviews() -> QuerySet[Review]:
    """Those that count, newest first."""
    return Review.objects.filter(withdrawal=None).order_by("-pk")


def write(inspection: Inspection, before: Review | None, review: Review | None) -> None:
    """Bring an inspection's columns up to its newest standing review; `before` was that until now. Inside the
    transaction of the deed."""
    outcome_before = inspection.outcome
    inspection.outcome, inspection.reviewed = _of(inspection.verdict, review)
    Inspection.objects.filter(pk=inspection.pk).update(
        outcome=inspection.outcome, reviewed=inspection.reviewed
    )
    defect_before, defect = (one.defect_type_id if one else None for one in (before, review))
    changes.written([Change(inspection, outcome_before, inspection.outcome, defect_before, defect)])


def _of(verdict: str, review: Review | None) -> tuple[str, datetime | None]:
    if review is None:
        return BY_VERDICT.get(verdict, ""), None
    return BY_DECISION[review.decision], review.created


def recompute(rows: QuerySet[Inspection] | None = None) -> int:
    """Make the columns of all inspections again from verdicts and reviews. How many had been wrong."""
    newest = standing_reviews().filter(inspection=OuterRef("pk"))
    found = (rows if rows is not None else Inspection.objects.all()).annotate(
        decision=Subquery(newest.values("decision")[:1]), decided=Subquery(newest.values("created")[:1])
    )
    wrong, last = 0, 0
    while step := list(found.filter(pk__gt=last).order_by("pk").defer("original", "error_message")[:AT_ONCE]):
        wrong += sum(_put_right(row) for row in step)
        last = step[-1].pk
    return wrong


def _put_right(row: Inspection) -> bool:
    decision = getattr(row, "decision")  # noqa: B009 - annotated
    outcome = BY_DECISION[decision] if decision else BY_VERDICT.get(row.verdict, "")
    reviewed = getattr(row, "decided")  # noqa: B009 - annotated
    if (row.outcome, row.reviewed) == (outcome, reviewed):
        return False
    with transaction.atomic():
        Inspection.objects.filter(pk=row.pk).update(outcome=outcome, reviewed=reviewed)
        changes.written([Change(row, row.outcome, outcome)])
    return True
