"""The findings in samples, for pages of upper apps; and their numbers."""

from collections.abc import Callable

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from detection.explore.words import number, percent
from inspector.categories.models import Category
from inspector.samples.models import Exploration
from inspector.samples.selectors import last_explored

register = template.Library()
NONE = "\N{EN DASH}"


@register.simple_tag
def last_exploration(category: Category) -> Exploration | None:
    """The newest exploration of the category's samples that ended well."""
    return last_explored(category)


@register.filter(name="range")
def value_range(spread: dict[str, float] | None) -> SafeString | str:
    """{"low", "median", "high"} as the median with the others under it."""
    return _range(spread, number)


@register.filter
def share_range(spread: dict[str, float] | None) -> SafeString | str:
    """The same for shares of one."""
    return _range(spread, percent)


def _range(spread: dict[str, float] | None, shown: Callable[[float], str]) -> SafeString | str:
    if not spread:
        return NONE
    low, median, high = (shown(spread[name]) for name in ("low", "median", "high"))
    return format_html('{} <small class="explore-range">{} to {}</small>', median, low, high)
