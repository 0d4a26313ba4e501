"""A file that was chosen is gone when it is to be sent, as with a card that was pulled out. The browser only
says that the request failed: it kept all the others of its request from being sent, however often."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from inspector.inspections.models import Inspection
from tests.browser.intake import choose, waiting
from tests.factories import CategoryFactory
from tests.photos import photo

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def chosen(photos) -> list[str]:
    return photos(one=photo(1), gone=photo(2), two=photo(3))


def test_the_other_photos_are_judged(open_intake, chosen, accessibility_faults):
    page = open_intake(phone=True)
    choose(page, chosen)
    Path(chosen[1]).unlink()
    page.get_by_role("button", name="Send now").click()
    waiting(page, 2)
    row = page.locator('.row[data-state="rejected"]')
    expect(row.locator(".row-name")).to_have_text("gone.png")
    expect(row.locator(".row-problem")).to_contain_text("can no longer be read")
    assert set(Inspection.objects.values_list("filename", flat=True)) == {"one.png", "two.png"}
    assert accessibility_faults(page) == []


def test_the_other_photos_are_added_to_the_category(open_page, chosen):
    category = CategoryFactory.create()
    page = open_page(f"/categories/{category.slug}/samples/", role="Admin")
    page.locator("[name=images]").set_input_files(chosen)
    Path(chosen[1]).unlink()
    page.get_by_role("button", name="Add them").click()
    expect(page.get_by_text("2 added, 1 refused")).to_be_visible()
    expect(page.locator("[data-refused]")).to_contain_text("gone.png: The file can no longer be read")
    assert category.samples.count() == 2
