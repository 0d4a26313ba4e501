"""Steps that tests of pages that take photos share."""

from playwright.sync_api import Page, expect

SLOW = 30_000


def choose(page: Page, files: list[str]) -> None:
    page.locator("input[name=images]").set_input_files(files)


def send(page: Page, files: list[str]) -> None:
    """Choose files and don't wait for the seconds in which it can be undone."""
    choose(page, files)
    page.get_by_role("button", name="Send now").click()


def waiting(page: Page, count: int) -> None:
    """Until so many photos have reached the server and wait."""
    expect(page.locator('.row[data-state="waiting"]')).to_have_count(count)
