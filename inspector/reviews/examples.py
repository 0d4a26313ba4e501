"""The photo that shows what a defect type looks like."""

from typing import Any

from django.db import transaction

from inspector.core.errors import Refused
from inspector.core.events import Who, record
from inspector.inspections.models import Inspection
from inspector.reviews.events import ReviewEvent
from inspector.reviews.models import DefectType

OFFERED = 12


def candidates(defect: DefectType) -> list[Inspection]:
    """The newest photos that were decided to have this defect, and the one that is chosen."""
    rows = Inspection.objects.filter(category_id=defect.category_id, defect_type=defect.pk)
    offered = list(rows.exclude(thumbnail="").order_by("-created", "-pk")[:OFFERED])
    if defect.example and defect.example not in offered:
        offered.insert(0, defect.example)
    return offered


def choose_example(defect: DefectType, example: Inspection | None, *, by: Who) -> None:
    """None takes it away. Refused "invalid_example" for a photo that was not decided to have this defect."""
    if example is not None and (example.defect_type != defect.pk or not example.thumbnail):
        words = f"Only a photo that was decided to be defective with “{defect}” can be its example."
        raise Refused("invalid_example", words, fields={"example": [words]})
    with transaction.atomic():
        now = DefectType.objects.select_for_update().get(pk=defect.pk)
        if now.example_id == (example.pk if example else None):
            return
        DefectType.objects.filter(pk=defect.pk).update(example=example)
        detail: dict[str, Any] = {"photo": example.filename, "inspection": example.pk} if example else {}
        record(by, ReviewEvent.EXAMPLE_CHOSEN, defect, **detail)
    defect.example = example
