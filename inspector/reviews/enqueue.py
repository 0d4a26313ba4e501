"""What comes into the queue, decided in the transaction that writes a verdict."""

from collections.abc import Sequence

from inspector.categories.models import Category
from inspector.inspections.doubt import doubt
from inspector.inspections.models import SMALLEST_THRESHOLD, Inspection, Verdict
from inspector.reviews.draw import is_drawn, probability
from inspector.reviews.models import Entry, QueueRules, Why


def rules_of(category: Category) -> QueueRules:
    """Those of the category, otherwise the defaults, not saved."""
    own = QueueRules.objects.select_related("category").filter(category=category).first()
    return own or QueueRules(category=category, seed=category.slug)


def enqueue(judged: Sequence[Inspection]) -> None:
    """Called with inspections that were just judged (`inspections.verdicts`)."""
    categories = Category.objects.in_bulk({row.category_id for row in judged})
    rules_by_category = {pk: rules_of(category) for pk, category in categories.items()}
    chances = {pk: probability(rules) for pk, rules in rules_by_category.items()}
    entries = [
        entry
        for row in judged
        if (entry := _entry(row, rules_by_category[row.category_id], chances[row.category_id]))
    ]
    # One that was disputed before it was judged again is there already.
    Entry.objects.bulk_create(entries, ignore_conflicts=True)


def _entry(row: Inspection, rules: QueueRules, chance: float) -> Entry | None:
    why = _why(row, rules, chance)
    return entry_of(row, why, chance if why == Why.CHECK else 1.0) if why else None


def _why(row: Inspection, rules: QueueRules, chance: float) -> Why | None:
    if row.verdict == Verdict.REVIEW:
        return Why.REVIEW
    if row.verdict == Verdict.ANOMALY:
        return Why.ANOMALY if rules.anomalies else None
    return Why.CHECK if is_drawn(rules.seed, row.pk, chance) else None


def entry_of(row: Inspection, why: Why, chance: float = 1.0) -> Entry:
    """Not saved yet."""
    return Entry(
        inspection=row,
        category_id=row.category_id,
        why=why,
        disputed=why == Why.DISPUTED,
        probability=chance,
        doubt=doubt(row),
        relative_score=(row.score or 0.0) / max(row.threshold or 0.0, SMALLEST_THRESHOLD),
    )
