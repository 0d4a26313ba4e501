"""What a rule measured, in the unit of its kind."""

from django import template

from inspector.core.templatetags.figures import NONE, small
from inspector.monitoring.alerts.kinds import Kind

register = template.Library()


@register.filter
def measured(value: float | None, kind: Kind | None) -> str:
    """1 photo, 5 photos judged OK, 2.5 %. Without a unit where the kind of the rule is no longer there."""
    if value is None or kind is None:
        return NONE if value is None else small(value)
    number = kind.limit
    said = f"{value:,.0f}" if number.whole else small(value)
    thing, _, which = number.unit.partition(" ")
    if value == 1:
        thing = thing.removesuffix("s")
    return f"{said} {thing} {which}".rstrip()
