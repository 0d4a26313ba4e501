"""For every page: whether photos are judged."""

from typing import Any

from django import template

from inspector.core.health.probes import PERMISSION
from inspector.inspections import waiting
from inspector.inspections.waiting import Stopped

register = template.Library()


@register.simple_tag(takes_context=True)
def nobody_judges(context: dict[str, Any]) -> Stopped | None:
    """What to tell this person of photos that are not judged; None where nothing."""
    found = waiting.stopped()
    if found is None or found.for_all or context["perms"][PERMISSION.partition(".")[0]]["view_process"]:
        return found
    return None
