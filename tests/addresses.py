"""Every address that shows a page, read from the URL conf: a page that is added there cannot be forgotten."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

Arguments = Mapping[str, Mapping[str, Any]]


def pages(client: Client, arguments: Arguments, *, panel: bool) -> list[str]:
    """What this client can open of the panel, or else of the site: whole pages, no fragments or pictures.

    `arguments` are those of addresses by the beginning of their names: {"training": {"pk": 3}}; the
    longest one that fits counts. A name without its arguments is an error, so that each page has some.
    Of pages that refuse with the same status there is one.
    """
    addresses = [_address(name, keys, arguments) for name, keys in _names() if _of_panel(name) == panel]
    found = {address: _page(client, address) for address in addresses if address}
    # One refusal looks like the other.
    refusals = {status: address for address, status in found.items() if status > 200}
    return [address for address, status in found.items() if status == 200 or address in refusals.values()]


def _names(patterns: Any = None, space: str = "") -> Iterator[tuple[str, list[str]]]:
    """The full name and the arguments of every pattern; without those of the API, which shows no pages."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name and (space != "api:" or pattern.name == "docs"):
                yield space + pattern.name, list(pattern.pattern.regex.groupindex)
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from _names(pattern.url_patterns, space + inner)


def _of_panel(name: str) -> bool:
    return name.startswith("admin:")


def _address(name: str, keys: list[str], arguments: Arguments) -> str:
    if name == "admin:view_on_site":
        return ""  # leads on to the site's pages
    known: dict[str, Any] = {}
    for beginning in sorted(arguments, key=len):
        if name.startswith(beginning):
            known |= arguments[beginning]
    missing = [key for key in keys if key not in known]
    assert not missing, f"{name} needs {missing}: say by which row of the test it is to be opened"
    return reverse(name, kwargs={key: known[key] for key in keys})


def _page(client: Client, address: str) -> int:
    """The status of a whole page; 0 for what is none."""
    answer = client.get(address)
    whole = answer.get("Content-Type", "").startswith("text/html") and answer.status_code != 405
    if whole and not answer.streaming and answer.content.lstrip()[:9].lower() == b"<!doctype":
        return int(answer.status_code)
    return 0


def panel_arguments() -> dict[str, dict[str, Any]]:
    """For every model in the panel the newest of its rows."""
    found: dict[str, dict[str, Any]] = {}
    for model in admin.site._registry:
        row = model._default_manager.order_by("-pk").first()
        assert row, f"there is no {model.__name__} to open"
        meta = model._meta
        found[f"admin:{meta.app_label}_{meta.model_name}_"] = {"object_id": row.pk, "pk": row.pk}
    return found
