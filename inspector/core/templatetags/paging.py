"""The pager beneath a list, whatever kind of pages it has."""

from typing import Any

from django import template
from django.core.paginator import Page as NumberedPage
from django.http import HttpRequest
from django.http.request import QueryDict

from inspector.core.paging import Page

register = template.Library()


@register.inclusion_tag("core/pager.html", takes_context=True)
def pager(
    context: dict[str, Any], page: Page[Any] | NumberedPage[Any], back: str, on: str, first: str = ""
) -> dict[str, Any]:
    """Links to the pages before and after `page`; what else is in the address stays.

    `back`, `on`: their words. `first`: words of the link to the first page, shown on every other one.
    """
    request: HttpRequest = context["request"]
    previous, following = _places(page)
    elsewhere = any(name in request.GET for name in ("before", "after", "page"))
    return {
        "previous": previous and _address(request, previous),
        "following": following and _address(request, following),
        "back": back,
        "on": on,
        "first": first if elsewhere else "",
        "first_address": _address(request, {}),
        "numbers": page if isinstance(page, NumberedPage) else None,
    }


def _places(page: Page[Any] | NumberedPage[Any]) -> tuple[dict[str, int], dict[str, int]]:
    """What leads to the page before and the one after in the address; nothing where there is none."""
    if isinstance(page, NumberedPage):
        return (
            {"page": page.previous_page_number()} if page.has_previous() else {},
            {"page": page.next_page_number()} if page.has_next() else {},
        )
    newer = {"after": page.newer} if page.newer else {}
    older = {"before": page.older} if page.older else {}
    return (older, newer) if page.rising else (newer, older)


def _address(request: HttpRequest, place: dict[str, int]) -> str:
    wanted: QueryDict = request.GET.copy()
    for name in ("before", "after", "page"):
        wanted.pop(name, None)
    wanted.update({name: str(value) for name, value in place.items()})
    return f"{request.path}?{wanted.urlencode()}" if wanted else request.path
