"""What upper apps put on pages of lower ones."""

from django import template
from django.template import Context
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from inspector.core import slots

register = template.Library()


@register.simple_tag(takes_context=True)
def slot(context: Context, place: str) -> SafeString:
    """All that is put in this place, with the context of the page, as an `include` would have it."""
    engine = context.template.engine  # type: ignore[union-attr]
    shown = (engine.get_template(name).render(context) for name in slots.templates(place))
    return format_html_join("", "{}", ((one,) for one in shown))
