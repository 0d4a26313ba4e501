"""What the history is asked for most often, as links; days and weeks are those of the person's own zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode

TIMES = ("since", "until", "batch")


@dataclass(frozen=True, slots=True)
class Preset:
    """A link; `title` says what the words leave open."""

    words: str
    query: str
    current: bool
    title: str = ""


def presets(filters: Mapping[str, str], sort: str = "") -> list[Preset]:
    """Any time, today, this week (from Monday on), and this batch where there is one. Other filters stay."""
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    wanted: list[tuple[str, dict[str, str], str]] = [
        ("Any time", {}, ""),
        ("Today", {"since": f"{today}"}, date_format(today, "l j F")),
        ("This week", {"since": f"{monday}"}, f"Since {date_format(monday, 'l j F')}"),
    ]
    if "batch" in filters:
        wanted.append(("This batch", {"batch": filters["batch"]}, f"Batch {filters['batch']}"))
    chosen = {name: value for name, value in filters.items() if name in TIMES}
    kept = {name: value for name, value in filters.items() if name not in TIMES}
    kept |= {"sort": sort} if sort else {}
    current = next((words for words, times, _ in wanted if times == chosen), "")
    return [
        Preset(words, f"?{urlencode(kept | times)}", words == current, title)
        for words, times, title in wanted
    ]
