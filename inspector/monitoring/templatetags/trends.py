"""How the tables of charts show what is in a row."""

from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma

from inspector.core.templatetags.figures import NONE, percent, small
from inspector.core.templatetags.pages import when
from inspector.monitoring.figures import Column

register = template.Library()


@register.simple_tag
def cell(row: dict[str, Any], column: Column) -> str:
    value = row[column.key]
    if value is None or value == []:
        return NONE
    if column.kind == "share":
        return percent(value, 2)
    if column.kind == "time":
        return when(value)
    if column.kind == "number":
        return small(value)
    return (
        intcomma(value) if column.kind == "count" else "; ".join(value) if isinstance(value, list) else value
    )
