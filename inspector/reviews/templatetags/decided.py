"""What pages of upper apps show of reviews."""

from django import template

from inspector.reviews.models import QueueRules
from inspector.samples.models import Sample

register = template.Library()


@register.simple_tag
def is_golden(sample: Sample) -> bool:
    """Whether it was chosen for reviewers to compare with."""
    return QueueRules.objects.filter(golden=sample).exists()
