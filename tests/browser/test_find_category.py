"""Nobody has to say what each photo shows: the categories are found, and what is not clear is asked."""

import pytest
from playwright.sync_api import expect

from inspector.inspections.models import Inspection
from tests.browser.intake import choose
from tests.photos import encoded, photo, ring

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def files(photos):
    """Two rings, a broken part, and what is neither."""
    neither = encoded(ring().resize((8, 300)))
    return photos(ring=encoded(ring(98)), other=encoded(ring(99)), part=photo(9, broken=True), odd=neither)


def sent():
    rows = Inspection.objects.order_by("filename").values_list("filename", "category__slug")
    return dict(rows)


def test_each_photo_is_sent_as_what_it_shows(known, open_page, files, work):
    known("Part"), known("Ring")
    page = open_page("/inspect/")
    page.keyboard.press("0")
    choose(page, files)
    expect(page.locator("#soon")).to_contain_text("Sending 2 photos as Ring, 1 photo as Part")
    kept = page.locator("#unchosen")
    expect(kept).to_contain_text("odd.png: it fits no category")
    page.get_by_role("button", name="Send now").click()
    expect(page.locator('.row[data-state="waiting"]')).to_have_count(3)
    assert sent() == {"other.png": "ring", "part.png": "part", "ring.png": "ring"}
    assert work() == 3
    expect(page.locator(".row[data-verdict]")).to_have_count(3)
    # What a person chooses then is of that one photo.
    page.locator('[name=category][value="part"]').check()
    expect(page.locator("#soon, .row[data-state=waiting]").first).to_be_visible()
    expect(kept).to_be_hidden()


def test_the_choice_is_kept_and_no_connection_loses_no_photo(known, open_page, files):
    known("Part"), known("Ring")
    page = open_page("/inspect/")
    page.locator('[name=category][value="*"]').check()
    page.reload()
    expect(page.locator('[name=category][value="*"]')).to_be_checked()
    page.context.set_offline(True)
    choose(page, files)
    kept = page.locator("#unchosen")
    expect(kept).to_contain_text("4 photos are kept here")
    expect(kept).to_contain_text("there is no connection")
    page.context.set_offline(False)
    page.locator('[name=category][value="ring"]').check()
    expect(page.locator("#soon")).to_contain_text("Sending 4 photos as Ring")


def test_where_there_is_one_category_nothing_has_to_be_found(known, open_page):
    known("Part")
    expect(open_page("/inspect/").get_by_text("Find the category")).to_have_count(0)
