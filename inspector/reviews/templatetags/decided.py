"""What pages of upper apps show about reviews."""

from django import template

from inspector.inspections.models import Inspection
from inspector.reviews.marks import counting_mark
from inspector.reviews.masks import working_size
from inspector.reviews.models import Mark, QueueRules
from inspector.samples.models import Sample

register = template.Library()


@register.simple_tag
def is_golden(sample: Sample) -> bool:
    """Whether it was chosen for reviewers to compare with."""
    return QueueRules.objects.filter(golden=sample).exists()


@register.simple_tag
def mark_of(inspection: Inspection) -> Mark | None:
    """The mark that its pages show: looked up once, or what the queue lets this person see."""
    if not hasattr(inspection, "shown_mark"):
        inspection.shown_mark = counting_mark(inspection)  # type: ignore[attr-defined]
    shown: Mark | None = inspection.shown_mark  # type: ignore[attr-defined]
    return shown


@register.simple_tag
def drawing_size(inspection: Inspection) -> tuple[int, int]:
    """Width and height of the picture that is drawn on."""
    return working_size((inspection.width, inspection.height))
