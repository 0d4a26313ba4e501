"""What comes into the queue of a category, changed by a QA manager."""

from typing import Any

from django.db import transaction

from inspector.core.changes import change, locked
from inspector.core.errors import Refused
from inspector.core.events import Who, record
from inspector.reviews.events import ReviewEvent
from inspector.reviews.models import QueueRules
from inspector.samples.models import GOOD, Sample

FIELDS = ("anomalies", "share", "at_least", "inspectors_decide", "second_share")


def change_rules(rules: QueueRules, *, by: Who, **values: Any) -> QueueRules:
    """For photos judged from now on; what is in the queue stays there."""
    with transaction.atomic():
        now = _locked(rules)
        if before := change(now, values):
            kept = {name: getattr(now, name) for name in FIELDS}
            record(by, ReviewEvent.RULES_CHANGED, now.category, before=before, **kept)
    return now


def _locked(rules: QueueRules) -> QueueRules:
    return locked(QueueRules, {"seed": rules.seed}, category=rules.category)


def choose_golden(rules: QueueRules, sample: Sample, *, by: Who) -> QueueRules:
    """The good part that reviewers see beside each photo. Refused "not_good", "other_category"."""
    if sample.category_id != rules.category.pk:
        raise Refused("other_category", f"This sample belongs to another category, not to {rules.category}.")
    if sample.label != GOOD:
        raise Refused("not_good", "Choose a photo of a good part: reviewers compare with it.")
    with transaction.atomic():
        now = _locked(rules)
        former = now.golden
        if change(now, {"golden": sample}):
            before = {"sample": former.filename if former else None}
            record(by, ReviewEvent.GOLDEN_CHOSEN, now.category, sample=sample.filename, before=before)
    return now
