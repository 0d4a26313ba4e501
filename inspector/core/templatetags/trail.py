"""Links to the audit trail."""

from typing import Any

from django import template
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from inspector.core.events import subject_of
from inspector.core.templatetags.pages import icon

register = template.Library()


@register.simple_tag(takes_context=True)
def trail_link(context: dict[str, Any], row: Model, style: str = "button") -> SafeString:
    """To everything about this row; nothing for those who may not see it."""
    if not context["perms"]["core"]["view_event"]:
        return SafeString("")
    href = f"{reverse('site:trail')}?about={subject_of(row)}"
    return format_html('<a class="{}" href="{}">{}Audit trail</a>', style, href, icon("trail"))
