"""The photo that shows what a defect type looks like."""

from typing import Any

from django.db import transaction

from inspector.core.errors import Refused
from inspector.core.events import Who, record
from inspector.inspections.models import Inspection
from inspector.reviews.events import ReviewEvent
from inspector.reviews.models import DefectType

OFFERED = 12


def candidates(found: DefectType) -> list[Inspection]:
    """The newest photos that were decided to have this defect, and the one that is chosen."""
    rows = Inspection.objects.filter(category_id=found.category_id, defect_type=found.pk)
    offered = list(rows.exclude(thumbnail="").order_by("-created", "-pk")[:OFFERED])
    if found.example and found.example not in offered:
        offered.insert(0, found.example)
    return offered


def choose_example(found: DefectType, example: Inspection | None, *, by: Who) -> None:
    """None takes it away. Refused "invalid_example" for a photo that was not decided to have this defect."""
    if example is not None and (example.defect_type != found.pk or not example.thumbnail):
        words = f"Only a photo that was decided to be defective with “{found}” can be its example."
        raise Refused("invalid_example", words, fields={"example": [words]})
    with transaction.atomic():
        now = DefectType.objects.select_for_update().get(pk=found.pk)
        if now.example_id == (example.pk if example else None):
            return
        DefectType.objects.filter(pk=found.pk).update(example=example)
        told: dict[str, Any] = {"photo": example.filename, "inspection": example.pk} if example else {}
        record(by, ReviewEvent.EXAMPLE_CHOSEN, found, **told)
    found.example = example
