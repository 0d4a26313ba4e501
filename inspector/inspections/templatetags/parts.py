"""Which part a photo shows, with links to its lot and its serial."""

from dataclasses import dataclass

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from inspector.inspections.models import Inspection
from inspector.inspections.of_part import address_of
from inspector.inspections.parts import NAMES, label_of

register = template.Library()
WITH_PAGES = ("lot", "serial")


@dataclass(frozen=True, slots=True)
class Known:
    label: str
    value: str
    address: str


@register.filter
def part(row: Inspection) -> list[Known]:
    """All that is known of it; own fields that this installation no longer has, too."""
    values = {name: getattr(row, name) for name in NAMES} | row.part_fields
    return [Known(label_of(name), value, _address(name, value)) for name, value in values.items() if value]


@register.simple_tag
def part_words(row: Inspection) -> SafeString:
    """In a line, for rows of lists."""
    known = ((name, getattr(row, name)) for name in ("lot", "serial", "station"))
    shown = [_shown(name, value) for name, value in known if value]
    return format_html_join(" · ", "{}", ((one,) for one in shown))


@register.filter
def lot_address(lot: str) -> str:
    return address_of("lot", lot)


@register.filter
def serial_address(serial: str) -> str:
    return address_of("serial", serial)


def _shown(name: str, value: str) -> SafeString:
    if address := _address(name, value):
        return format_html('{} <a href="{}">{}</a>', label_of(name), address, value)
    return format_html("{}", value)


def _address(name: str, value: str) -> str:
    return address_of(name, value) if name in WITH_PAGES else ""
