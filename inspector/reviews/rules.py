"""What comes into the queue of a category, changed by a QA manager."""

from typing import Any

from django.db import transaction

from inspector.core.events import Who, record
from inspector.reviews.events import ReviewEvent
from inspector.reviews.models import QueueRules


def change_rules(rules: QueueRules, *, by: Who, **values: Any) -> QueueRules:
    """For photos judged from now on; what is in the queue stays there."""
    for name, value in values.items():
        setattr(rules, name, value)
    told = {name: getattr(rules, name) for name in ("anomalies", "share", "at_least", "inspectors_decide")}
    with transaction.atomic():
        rules.save()
        record(by, ReviewEvent.RULES_CHANGED, rules.category, **told)
    return rules
