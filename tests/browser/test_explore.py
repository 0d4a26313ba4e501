"""Exploring samples: the page asks by itself, shows what was found, and an admin acts on it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from detection import datasets, explore
from inspector.categories.models import Category
from inspector.core import work
from inspector.core.jobs import State
from inspector.samples.add_samples import add_samples
from inspector.samples.models import Exploration
from tests.browser.conftest import PHONE, WIDE
from tests.browser.looks import check
from tests.detection.parts import category as plates
from tests.factories import CategoryFactory
from tests.photos import photo, upload

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]
HERE = "/categories/nut/explore/"


def add(category: Category, split: str, label: str, *contents: bytes) -> None:
    uploads = [upload(content, f"{label}-{n}.png") for n, content in enumerate(contents)]
    add_samples(category, uploads, split=split, label=label, by=None)


@pytest.fixture
def nut() -> Category:
    """Good photos, and one that was taken on its side."""
    category = CategoryFactory.create(slug="nut", name="Nut")
    add(category, "train", "good", *(photo(n, (96, 72)) for n in range(14)), photo(99, (72, 96)))
    add(category, "test", "blot", *(photo(200 + n, (96, 72), broken=True) for n in range(2)))
    return category


def test_the_page_is_accessible_and_fits(open_page, accessibility_faults, nut):
    page = open_page(HERE, role="Admin")
    expect(page.get_by_text("Waiting for a train worker")).to_be_visible()
    for state in (State.WAITING, State.RUNNING, State.FAILED, State.CANCELLED, State.DONE):
        if state == State.DONE:
            Exploration.objects.update(state=State.WAITING)
            work.run(Exploration, Exploration.objects.get().pk)
        else:
            progress = {"done": 3, "total": 17}
            Exploration.objects.update(state=state, progress=progress, error_message="The disk is full.")
        check(page, accessibility_faults, [HERE])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_button_is_legible_while_its_answer_is_waited_for(open_page, accessibility_faults, nut, scheme):
    page = open_page("/account/", role="Admin", color_scheme=scheme)
    page.route(f"**{HERE}", lambda route: None if route.request.method == "POST" else route.continue_())
    page.goto(HERE)
    expect(page.locator("form.htmx-request")).to_be_visible()  # it asks by itself
    assert accessibility_faults(page) == []


def test_from_opening_the_page_to_a_sample_removed_by_keyboard(open_page: Callable[..., Page], nut):
    page = open_page("/categories/nut/", role="Admin")
    page.get_by_role("link", name="Explore the samples").click()
    expect(page.get_by_text("Waiting for a train worker")).to_be_visible()
    work.run(Exploration, Exploration.objects.get().pk)
    finding = page.get_by_role("article").filter(
        has=page.get_by_role("heading", name="Photos with another aspect ratio")
    )
    expect(finding.get_by_role("link", name="good-14.png")).to_be_visible()
    expect(page.get_by_role("img", name="Samples by split and label")).to_be_visible()
    finding.get_by_role("checkbox", name="Remove good-14.png").focus()
    page.keyboard.press("Space")
    finding.get_by_role("button", name="Remove selected…").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Remove 1 sample?")
    expect(dialog.get_by_role("button", name="Keep them")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(dialog.get_by_label("Why")).to_be_focused()
    page.keyboard.type("Another part.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 sample was removed.")).to_be_visible()
    # The samples are others now: the page has asked for another look by itself.
    expect(page.get_by_text("Waiting for a train worker")).to_be_visible()
    work.run(Exploration, Exploration.objects.first().pk)
    expect(page.get_by_text("Few training photos")).to_be_visible()
    expect(page.get_by_text("Photos with another aspect ratio")).to_have_count(0)
    assert nut.samples.count() == 16


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_page_that_the_command_writes_is_accessible_and_fits(
    chromium: Browser, accessibility_faults, tmp_path: Path, size
):
    folder = plates(tmp_path / "plates", train=14, good=3, red=2)
    (folder / "test/good/copy.png").write_bytes((folder / "train/good/00.png").read_bytes())
    description = explore.describe(datasets.scan(folder))
    pages = [explore.write(description, tmp_path / "out/plates"), tmp_path / "out/explore.html"]
    explore.write_all("Parts", [description], tmp_path / "out", {"bolt": "bolt has no train/good folder."})
    page = chromium.new_page(viewport=size)
    for path in pages:
        page.emulate_media(color_scheme="light")
        page.goto(path.as_uri())
        assert accessibility_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.emulate_media(color_scheme="dark")
        assert accessibility_faults(page) == []
    page.close()
