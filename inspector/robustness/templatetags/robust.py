"""What pages of a version show of its robustness."""

from django import template

from inspector.registry.models import ModelVersion
from inspector.robustness.models import RobustnessReport, address_of
from inspector.robustness.selectors import newest_done

register = template.Library()
register.filter("robustness_address", address_of)


@register.filter
def robustness(version: ModelVersion) -> RobustnessReport | None:
    """The newest report that is done."""
    return newest_done(version)
