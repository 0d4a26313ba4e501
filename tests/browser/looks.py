"""What is wrong with how pages look: wide and light, then on a phone and dark."""

from collections.abc import Callable, Iterable

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, WIDE

OPEN_UP = """() => {
    for (const folded of document.querySelectorAll("details:not(.menu)")) folded.open = true;
    for (const asks of document.querySelectorAll("[popovertarget][aria-haspopup]")) asks.click();
    document.querySelector("input.action-select")?.click();
}"""


# Buttons and fields that reach beyond what shows them, and values with room for a few letters.
SQUEEZED = """() => {
    const words = (element) => (element.textContent || element.name || "").trim().slice(0, 40);
    const told = [];
    for (const control of document.querySelectorAll("main :is(a.button, button, input, select, textarea)")) {
        if (!control.checkVisibility() || control.closest(".visually-hidden")) continue;
        const box = control.getBoundingClientRect();
        for (let around = control.parentElement; around !== document.body; around = around.parentElement) {
            const { overflowX, contentVisibility } = getComputedStyle(around);
            if (["auto", "scroll"].includes(overflowX)) break;
            const frame = around.getBoundingClientRect();
            const outside = box.right > frame.right + 1 || box.left < frame.left - 1;
            const cuts = ["hidden", "clip"].includes(overflowX) || contentVisibility === "auto";
            if (outside && cuts) told.push(`cut off: ${words(control)}`);
        }
    }
    for (const value of document.querySelectorAll("main .facts > dd")) {
        if (value.checkVisibility() && value.clientWidth < 64) told.push(`squeezed: ${words(value)}`);
    }
    return told;
}"""


# The panel says by a class that it is dark.
IS_DARK = """() => document.documentElement.matches(".dark")
    || getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).slice(0, 3).every((n) => n < 64)"""


def wait_until(page: Page, condition: str) -> None:
    """Until this JavaScript is true. Playwright's `wait_for_function` works only where it is true at once:
    the pages' CSP refuses its further looks."""
    for _ in range(300):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"not within 15 seconds: {condition}")


def check(page: Page, faults: Callable[..., list[str]], addresses: Iterable[str]) -> None:
    """Open one page after another in one tab; fail with all that axe finds and all that is wider than a
    phone, cut off or squeezed."""
    faulty = {address: of_page for address in addresses if (of_page := faults_of(page, faults, address))}
    assert not faulty, "\n".join(f"{address}\n    " + "\n    ".join(of) for address, of in faulty.items())


def faults_of(page: Page, faults: Callable[..., list[str]], address: str) -> list[str]:
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    page.goto(address)
    expect(page.locator(".htmx-request")).to_have_count(0)  # its parts are there
    page.evaluate(OPEN_UP)
    of_page = faults(page) + squeezed(page)
    page.emulate_media(color_scheme="dark")
    if address.startswith("/admin/"):  # it chooses its colours as it loads
        page.reload()
        page.evaluate(OPEN_UP)
    wait_until(page, IS_DARK)
    page.set_viewport_size(PHONE)  # which has controls of its own
    of_page += faults(page, whole=True)
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        of_page.append("wider than a phone")
    of_page += squeezed(page)
    return sorted({*of_page})


def squeezed(page: Page) -> list[str]:
    """Nothing in the panel: the library's tables hide checkboxes behind others."""
    return [] if "/admin/" in page.url else page.evaluate(SQUEEZED)
