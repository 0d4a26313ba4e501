"""How a version was made, for its page."""

from django import template

from inspector.core.templatetags.figures import NONE
from inspector.registry import limits as version_limits
from inspector.registry import methods, metrics, photos, report
from inspector.registry.models import ModelVersion
from inspector.registry.promote import is_rollback

register = template.Library()


@register.filter
def method_title(method: str) -> str:
    """A method as people call it; of a fusion both, joined by a plus."""
    return methods.title(method)


@register.filter
def figures(version: ModelVersion) -> list[metrics.Figure]:
    """The metrics of a version with their intervals."""
    return metrics.figures(version)


@register.simple_tag
def made_with(version: ModelVersion, metrics: bool) -> list[tuple[str, str]]:
    """What its training was given and saw. metrics: whether the person may see them."""
    return report.made_with(version, metrics=metrics)


@register.filter
def in_times(score: float | None, threshold: float | None) -> str:
    """A score as a multiple of its threshold."""
    return photos.in_times(score, threshold)


@register.filter
def mistakes(version: ModelVersion) -> list[metrics.Mistake]:
    """How many test photos a version judged wrongly, defects first; empty where it was judged on none."""
    return metrics.mistakes(version)


@register.filter
def by_mistake(version: ModelVersion | None) -> dict[str, str]:
    """For two cells of a table: “3 of 63” missed and “1 of 20” false alarms, or dashes."""
    by_name = {mistake.show: mistake for mistake in metrics.mistakes(version)} if version else {}
    shown = {"missed": by_name.get("missed"), "alarms": by_name.get("false-alarms")}
    return {name: f"{one.count} of {one.n}" if one else NONE for name, one in shown.items()}


@register.filter
def mistakes_in_words(version: ModelVersion) -> str:
    """Such as “missed 3 of 63 defects, 1 false alarm on 20 good parts”."""
    return metrics.in_words(version)


@register.filter
def limits(version: ModelVersion) -> list[version_limits.Limit]:
    """The scores at which ANOMALY and REVIEW begin, and what each promises."""
    return version_limits.limits(version)


@register.simple_tag
def limits_beside(
    version: ModelVersion, other: ModelVersion | None
) -> list[tuple[str, list[version_limits.Limit]]]:
    """The limits of two versions side by side."""
    return list(version_limits.beside(version, other))


@register.filter
def goes_back(version: ModelVersion, active: ModelVersion | None) -> bool:
    """Whether promoting it is a rollback."""
    return is_rollback(version, active)
