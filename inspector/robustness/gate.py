"""The gate before promoting: off by default, set for each category."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from inspector.categories.models import Category
from inspector.core.changes import change, locked
from inspector.core.errors import Refused
from inspector.core.events import record
from inspector.core.templatetags.figures import small
from inspector.registry.models import ModelVersion
from inspector.robustness.ask import limits_of
from inspector.robustness.events import RobustnessEvent
from inspector.robustness.models import PromotionGate
from inspector.robustness.selectors import newest_done

FIELDS = ("is_on", "strength", "most")


def gate_of(category: Category) -> PromotionGate:
    """The category's gate; an open one if none was set."""
    return PromotionGate.objects.filter(category=category).first() or PromotionGate(category=category)


def change_gate(category: Category, *, by: Any, **values: Any) -> PromotionGate:
    """It applies from the next promotion. Raises Refused "invalid_gate" with fields."""
    gate = gate_of(category)
    for name in FIELDS:
        setattr(gate, name, values.get(name, getattr(gate, name)))
    try:
        gate.full_clean(exclude=["category"])
    except ValidationError as wrong:
        words = " ".join(wrong.messages)
        raise Refused("invalid_gate", words, fields=wrong.message_dict) from wrong
    with transaction.atomic():
        gate = locked(PromotionGate, category=category)
        if before := change(gate, {name: values[name] for name in FIELDS if name in values}):
            now = {name: getattr(gate, name) for name in FIELDS}
            record(by, RobustnessEvent.GATE_CHANGED, category, before=before, **now)
    return gate


def objection(version: ModelVersion) -> str:
    """What `registry.objections` asks: why this version is not proven; "" where it is, or nobody asks."""
    gate = gate_of(version.category)
    if not gate.is_on:
        return ""
    done = newest_done(version)
    report = done.report if done else None
    if report is None:
        return f"There is no robustness report of {version}."
    if done and done.threshold != (begins := limits_of(version).threshold):
        return (
            f"The robustness report of {version} was made with ANOMALY from {small(done.threshold)}, and it "
            f"would judge with ANOMALY from {small(begins)}: measure again."
        )
    worst = report.worst(gate.strength)
    if worst is None or 100 * worst[1].rate <= gate.most:
        return ""
    row, alarms = worst
    return (
        f"At strength {gate.strength} of {row.title.lower()}, {alarms.count} of {alarms.n} good photos are "
        f"false alarms ({100 * alarms.rate:.1f} %); this category allows {gate.most:g} %."
    )
