"""For every page: whether photos are judged."""

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from inspector.core.health.probes import PERMISSION
from inspector.inspections import waiting
from inspector.inspections.waiting import Stopped

register = template.Library()


@register.simple_tag
def short_time(moment: datetime) -> SafeString:
    """Such as 14:03; with the day where that is not today."""
    local = timezone.localtime(moment)
    today = local.date() == timezone.localdate()
    words = f"{local:%H:%M}" if today else date_format(local, "j M, H:i")
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), words)


@register.simple_tag(takes_context=True)
def nobody_judges(context: dict[str, Any]) -> Stopped | None:
    """What this person should know of photos that are not judged; None for nothing."""
    reason = waiting.stopped()
    if reason is None or reason.for_all or context["perms"][PERMISSION.partition(".")[0]]["view_process"]:
        return reason
    return None
