"""What became of photos that were added or removed, in one message; the same on the site and in the panel."""

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from inspector.samples.add_samples import Added

SHOWN = 20


def notify_added(request: HttpRequest, added: Added) -> None:
    """“18 added, 2 already there.”, and why some were refused."""
    reasons = [(f"{one.filename}: {one.message}",) for one in added.rejected[:SHOWN]]
    if len(added.rejected) > SHOWN:
        reasons.append((f"and {len(added.rejected) - SHOWN} more",))
    listed = format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", reasons)) if reasons else ""
    level = messages.SUCCESS if not reasons else messages.WARNING if added.samples else messages.ERROR
    messages.add_message(request, level, format_html("{}.{}", added.words, listed))


def notify_removed(request: HttpRequest, count: int) -> None:
    """Of samples that were ticked to be removed."""
    if count:
        words = "1 sample was" if count == 1 else f"{count} samples were"
        messages.success(request, f"{words} removed. The next training will not use them.")
    else:
        messages.info(request, "Nothing was removed: select the samples to remove first.")
