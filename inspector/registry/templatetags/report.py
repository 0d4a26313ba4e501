"""How a version was made, for its page."""

from django import template

from inspector.registry import methods, metrics, report
from inspector.registry.models import ModelVersion

register = template.Library()


@register.filter
def method_title(method: str) -> str:
    """A method as people call it; of a fusion both, joined by a plus."""
    return methods.title(method)


@register.filter
def figures(version: ModelVersion) -> list[metrics.Figure]:
    """The metrics of a version with their intervals."""
    return metrics.figures(version)


@register.filter
def made_with(version: ModelVersion) -> list[tuple[str, str]]:
    """Names and values of what its training was told and saw."""
    return report.made_with(version)
