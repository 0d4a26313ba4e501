"""How the table of a chart shows its rows. Written here: a template takes half a second for a year."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString

from inspector.core.templatetags.figures import NARROW_SPACE, NONE, small
from inspector.monitoring.figures import Column, Figure, Row

register = template.Library()


@register.simple_tag
def table_rows(figure: Figure) -> SafeString:
    """One <tr> for each row; the first cell leads to the photos."""
    first, *others = figure.shown
    lines = []
    for row in figure.rows:
        name, address = escape(cell(row, first)), row.get("href")
        head = f'<a href="{escape(address)}">{name}</a>' if address else name
        lines.append(f'<tr><th scope="row">{head}</th>{"".join(_td(row, one) for one in others)}</tr>')
    # Every text in it is escaped.
    return SafeString("\n".join(lines))


def _td(row: Row, column: Column) -> str:
    text = cell(row, column)
    return f"<td>{escape(text)}</td>" if column.kind == "text" else f'<td class="number">{text}</td>'


def cell(row: Row, column: Column) -> str:
    """As people read it."""
    value: Any = row[column.key]
    if value is None or value == []:
        return NONE
    if column.kind == "share":
        return f"{value * 100:.2f}{NARROW_SPACE}%"
    if column.kind == "number":
        return small(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return f"{value:,}" if column.kind == "count" else "; ".join(value) if isinstance(value, list) else value
