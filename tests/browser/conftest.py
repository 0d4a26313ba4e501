"""A real Chromium on the live pages. A page that logs an error, as for a breach of the
Content-Security-Policy, fails its test."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from inspector.inspections.analyse import analyse_waiting
from inspector.inspections.selectors import categories_waiting
from inspector.registry.models import ModelVersion
from tests.conftest import ROOT, _chromium

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A camera that shows a moving pattern, allowed without asking.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
# Django refuses the ORM in a thread with an event loop, and Playwright runs one beside the tests.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
expect.set_options(timeout=15_000)  # machines that run the tests are busy
SETTLED = """() => Promise.allSettled(document.getAnimations()
    .filter((animation) => animation.effect.getComputedTiming().endTime < Infinity)
    .map((animation) => animation.finished))"""
OF_COLOURS = ["color-contrast", "link-in-text-block"]
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# What the browser says by itself about answers that the page handles.
EXPECTED = (
    "the server responded with a status of 4",
    "Response Status Error Code 4",
    "ERR_INTERNET_DISCONNECTED",
    # Of a file that was chosen and is gone.
    "ERR_FILE_NOT_FOUND",
    "ERR_ALPN_NEGOTIATION_FAILED",
    # What htmx says of a request that got no answer.
    "htmx:afterRequest",
    "htmx:sendError",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


def wait_for_requests() -> None:
    """Until the server has answered what closed pages had still asked: a request that runs while the database
    is emptied for the next test spoils both."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(timeout=15)


@pytest.fixture
def open_page(
    chromium: Browser, live_server: LiveServer, client_of: Callable[..., Client]
) -> Iterator[Callable[..., Page]]:
    """open_page("/history/", role=...) -> a page of a browser of its own in which somebody has signed in."""
    contexts, faults = [], []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in EXPECTED):
            faults.append(f"{message.text} ({message.location.get('url')})")

    def open_one(address: str, role: str | None = "Inspector", phone: bool = False, **options: Any) -> Page:
        options |= {"viewport": PHONE, "has_touch": True, "is_mobile": True} if phone else {"viewport": WIDE}
        context = chromium.new_context(base_url=live_server.url, timezone_id="Europe/Berlin", **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        if role:
            session = client_of(role).cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address)
        return page

    yield open_one
    for context in contexts:
        context.close()
    wait_for_requests()
    assert faults == []


@pytest.fixture
def open_intake(
    open_page: Callable[..., Page], active_version: Callable[..., ModelVersion]
) -> Callable[..., Page]:
    """open_intake() -> the Inspect page, with the only category there is chosen."""
    slug = active_version().category.slug
    return lambda **options: open_page(f"/inspect/?category={slug}", **options)


@pytest.fixture
def work() -> Callable[[], int]:
    """Judge everything that waits, as a worker would; gives the number of photos."""
    return lambda: sum(analyse_waiting(category_id) for category_id in categories_waiting())


@pytest.fixture
def accessibility_faults() -> Callable[..., list[str]]:
    """accessibility_faults(page) -> what axe finds by all its rules; empty is good. In dark mode only by its
    rules of colours, unless `whole`: the others find the same in light mode, in which each page is checked,
    too."""

    def run(page: Page, *, whole: bool = False) -> list[str]:
        # Through the debugger, past the page's Content-Security-Policy.
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE.read_text())
        page.evaluate(SETTLED)  # a text half faded in has too little contrast
        of_colours = not whole and page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
        options |= {"runOnly": {"type": "rule", "values": OF_COLOURS}} if of_colours else {}
        found = page.evaluate("(options) => axe.run(document, options)", options)["violations"]
        return [f"{fault['id']}: {node['html'][:200]}" for fault in found for node in fault["nodes"]]

    return run


@pytest.fixture
def photos(tmp_path: Path) -> Callable[..., list[str]]:
    """photos(name=bytes, ...) -> files on disk, as a person would choose them."""

    def write(**content: bytes) -> list[str]:
        paths = [tmp_path / f"{name}.png" for name in content]
        for path, data in zip(paths, content.values(), strict=True):
            path.write_bytes(data)
        return [str(path) for path in paths]

    return write
