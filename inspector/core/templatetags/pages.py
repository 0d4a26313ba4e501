"""Template tags and filters of every page: icons, verdicts, states and times. Numbers are in `figures`."""

from datetime import datetime
from functools import cache
from typing import Any

from django import template
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from detection.photos import images
from inspector.core.jobs import State
from inspector.core.templatetags.figures import duration

register = template.Library()

NOTHING = "\N{EN DASH}"
VERDICTS = {
    "OK": ("verdict-ok", "OK"),
    "REVIEW": ("verdict-review", "REVIEW"),
    "ANOMALY": ("verdict-anomaly", "ANOMALY"),
}
TONES = {
    State.WAITING: "",
    State.RUNNING: "busy",
    State.DONE: "good",
    State.FAILED: "bad",
    State.CANCELLED: "",
}
# Which entry of the navigation a page belongs to, where its app alone does not say it.
SECTIONS = {
    "inspections:inspect": "inspect",
    "inspections:station": "inspect",
    "inspections:batch": "inspect",
    "inspections:limits": "categories",
    "inspections:part-rules": "categories",
    "inspections": "history",
    "exports": "history",
    "explanations": "history",
    "parts": "history",
    "site:trail": "trail",
    "site:health": "admin",
    "site:agreement": "review",
    "registry": "categories",
    "categories": "categories",
    "samples": "categories",
    "training": "categories",
    "robustness": "categories",
    "trials": "categories",
    "reviews:queue": "review",
    "reviews:grid": "review",
    "reviews": "categories",
    "alerts": "alerts",
    "monitoring": "trends",
}


@register.simple_tag
def photo_formats() -> str:
    """The formats of photos that are accepted: "JPEG, PNG, ... or PFM"."""
    return images.TAKEN


@register.simple_tag
def photo_accept() -> str:
    """What a file field for photos accepts."""
    return images.ACCEPT


@register.simple_tag
@cache  # a page of the history shows a hundred
def icon(name: str) -> SafeString:
    """One drawing of public/icons.svg; decorative, the words beside it say the same."""
    filled = " data-filled" if name.startswith(("verdict-", "filled-")) else ""
    markup = '<svg class="icon"{} aria-hidden="true"><use href="{}#{}"></use></svg>'
    return format_html(markup, SafeString(filled), static("icons.svg"), name)


@register.simple_tag
@cache
def verdict(value: str, size: str = "") -> SafeString:
    """A verdict as word, shape and colour; empty when there is none."""
    if value not in VERDICTS:
        return SafeString("")
    shape, word = VERDICTS[value]
    return format_html(
        '<span class="verdict {}" data-verdict="{}">{}{}</span>', size, value, icon(shape), word
    )


@register.simple_tag
@cache
def state(value: str) -> SafeString:
    """Where a job stands, as a tag."""
    drawing = "filled-failed" if value == State.FAILED else value
    return format_html(
        '<span class="tag" data-tone="{}">{}{}</span>', TONES[State(value)], icon(drawing), State(value).label
    )


@register.simple_tag
def when(moment: datetime | None, *, within: bool = False) -> SafeString:
    """A moment in the person's zone, short; the whole of it on hovering and on paper (print.css).

    within: a sentence, where it is "today" without a capital.
    """
    if moment is None:
        return SafeString(NOTHING)
    local = timezone.localtime(moment)
    # Django's date_format takes ten times as long, and a page of the history asks for 150.
    whole = f"{local:%A} {local.day} {local:%B %Y, %H:%M:%S} {local.tzname()}"
    paper = f"{local.day} {local:%b %Y, %H:%M:%S} {local.tzname()}"
    markup = '<time datetime="{}" title="{}" data-print="{}">{}</time>'
    return format_html(markup, local.isoformat(), whole, paper, _short(local, within=within))


@register.simple_tag
def next_try(moment: datetime | None) -> SafeString:
    """When something is tried again: its time, or that it is about to be."""
    if moment is None or moment <= timezone.now():
        return SafeString("in a moment")
    return when(moment, within=True)


def _short(local: datetime, *, within: bool) -> str:
    today = timezone.localdate()
    if local.date() == today:
        return f"{'today' if within else 'Today'} {local:%H:%M}"
    return f"{local.day} {local:%b %H:%M}" if local.year == today.year else f"{local.day} {local:%b %Y %H:%M}"


@register.simple_tag(takes_context=True)
def nav_item(
    context: dict[str, Any], section: str, address: str, drawing: str, words: str, key: str = ""
) -> SafeString:
    """An entry of the navigation; the one of this page is marked. Left out where its page does not exist.

    `key`: after "g" it leads there (src/keys/pages.ts).
    """
    try:
        href = reverse(address)
    except NoReverseMatch:
        return SafeString("")
    here = SafeString(' aria-current="page"') if section == _section(context.get("request")) else ""
    go = format_html(' data-go="{}"', key) if key else ""
    markup = '<li><a href="{}"{}{}>{}<span>{}</span></a></li>'
    return format_html(markup, href, here, go, icon(drawing), words)


def _section(request: HttpRequest | None) -> str:
    match = request.resolver_match if request else None
    if match is None:
        return ""
    return SECTIONS.get(match.view_name) or SECTIONS.get(match.app_name) or ""


@register.filter
def milliseconds(value: float | None) -> str:
    """84 ms, 1.24 s, 2 min 5 s; a dash where there is none."""
    if value is None or value >= 60_000:
        return duration(value and value / 1000)
    return f"{value:.0f} ms" if value < 1000 else f"{value / 1000:.2f} s"
