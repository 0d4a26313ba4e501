"""What comes into the queue of a category, changed by a QA manager."""

from typing import Any

from django.db import transaction

from inspector.core.errors import Refused
from inspector.core.events import Who, record
from inspector.reviews.events import ReviewEvent
from inspector.reviews.models import QueueRules
from inspector.samples.models import GOOD, Sample

FIELDS = ("anomalies", "share", "at_least", "inspectors_decide", "second_share")


def change_rules(rules: QueueRules, *, by: Who, **values: Any) -> QueueRules:
    """For photos judged from now on; what is in the queue stays there."""
    for name, value in values.items():
        setattr(rules, name, value)
    now = {name: getattr(rules, name) for name in FIELDS}
    with transaction.atomic():
        rules.save()
        record(by, ReviewEvent.RULES_CHANGED, rules.category, **now)
    return rules


def choose_golden(rules: QueueRules, sample: Sample, *, by: Who) -> QueueRules:
    """The good part that reviewers see beside each photo. Refused "not_good", "other_category"."""
    if sample.category_id != rules.category.pk:
        raise Refused("other_category", f"This sample belongs to another category, not to {rules.category}.")
    if sample.label != GOOD:
        raise Refused("not_good", "Choose a photo of a good part: reviewers compare with it.")
    with transaction.atomic():
        rules.golden = sample
        rules.save()
        record(by, ReviewEvent.GOLDEN_CHOSEN, rules.category, sample=sample.filename)
    return rules
