"""Before photos go out: whose category it is, the seconds to undo it, and what a phone shows afterwards."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from inspector.inspections.models import Inspection
from tests.browser.intake import choose, send, waiting
from tests.factories import CategoryFactory, SampleFactory
from tests.photos import photo

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]
GOOD, BROKEN = photo(1), photo(300, broken=True)


@pytest.fixture
def two(active_version):
    """Two categories that can be inspected."""
    bolt = active_version(CategoryFactory.create(name="Bolt", slug="bolt")).category
    return bolt, active_version(CategoryFactory.create(name="Nut", slug="nut")).category


def chosen(page: Page) -> list[str]:
    return page.locator("[name=category]:checked").evaluate_all("found => found.map(one => one.value)")


def test_a_new_person_says_first_what_is_in_the_photos_and_loses_none(open_page, two, photos):
    page = open_page("/inspect/")
    assert chosen(page) == []
    choose(page, photos(good=GOOD, broken=BROKEN))
    kept = page.locator("#unchosen")
    expect(kept).to_contain_text("2 photos are kept here and not sent yet")
    expect(page.locator("#choices")).to_be_focused()
    choose(page, photos(other=GOOD))
    expect(kept).to_contain_text("3 photos")
    page.get_by_label("Nut").check()
    expect(kept).to_be_hidden()
    expect(page.locator("#soon")).to_contain_text("Sending 3 photos as Nut")
    assert not Inspection.objects.exists()
    # After some seconds they go out by themselves.
    waiting(page, 3)
    assert {row.category.slug for row in Inspection.objects.all()} == {"nut"}
    # One's own last choice is proposed; nobody else's is.
    page.goto("/inspect/")
    assert chosen(page) == ["nut"]
    assert chosen(open_page("/inspect/", role="QA manager")) == []


def test_sending_can_be_undone_and_the_photos_go_as_something_else(open_page, two, photos):
    page = open_page("/inspect/?category=bolt")
    choose(page, photos(good=GOOD, broken=BROKEN))
    expect(page.locator("[data-announce]")).to_contain_text("Sending 2 photos as Bolt")
    page.keyboard.press("z")
    expect(page.locator("#unchosen")).to_contain_text("2 photos are kept here")
    expect(page.locator(".row")).to_have_count(0)
    assert chosen(page) == []
    page.wait_for_timeout(5500)
    assert not Inspection.objects.exists()
    # Somebody who leaves now is warned.
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.evaluate("location.assign('/history/')")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    page.get_by_label("Nut").check()
    page.get_by_role("button", name="Send now").click()
    waiting(page, 2)
    assert {row.category.slug for row in Inspection.objects.all()} == {"nut"}


def test_another_choice_within_the_seconds_is_meant_for_these_photos(open_page, two, photos):
    page = open_page("/inspect/?category=bolt")
    choose(page, photos(good=GOOD))
    expect(page.locator("#soon")).to_contain_text("Sending 1 photo as Bolt")
    page.get_by_role("button", name="Bolt").click()
    page.get_by_label("Nut").check()
    expect(page.locator("#soon")).to_contain_text("Sending 1 photo as Nut")
    page.get_by_role("button", name="Send now").click()
    waiting(page, 1)
    assert Inspection.objects.get().category.slug == "nut"
    expect(page.locator(".batch")).to_have_count(1)


def test_photos_that_are_not_to_be_sent_after_all_are_let_go(open_page, two, photos):
    page = open_page("/inspect/")
    choose(page, photos(good=GOOD))
    page.get_by_role("button", name="Don't send").click()
    expect(page.locator("#unchosen")).to_be_hidden()
    page.get_by_label("Nut").check()
    page.wait_for_timeout(300)
    expect(page.locator("#soon")).to_be_hidden()


def test_the_category_in_the_address_that_has_no_model_is_named(open_page, two, person):
    person("Admin")
    CategoryFactory.create(name="Washer", slug="washer")
    page = open_page("/inspect/?category=washer")
    expect(page.locator("[data-missing]")).to_contain_text("Washer has no active model version yet")
    expect(page.locator("[data-missing]")).to_contain_text("Ask an admin (admin) to train it.")
    assert chosen(page) == []
    expect(page.get_by_label("Washer")).to_be_disabled()
    page = open_page("/inspect/?category=gone")
    expect(page.locator("[data-missing]")).to_contain_text("There is no category “gone”")


def test_a_good_part_is_shown_for_each_category(open_page, two):
    sample = SampleFactory.create(category=two[0])
    SampleFactory.create(category=two[0])
    page = open_page("/inspect/")
    picture = page.locator(".choice", has_text="Bolt").locator("img")
    expect(picture).to_have_attribute("src", f"/samples/{sample.pk}/thumbnail/")
    expect(picture).to_have_attribute("loading", "lazy")


def test_on_a_phone_counts_and_the_newest_verdict_are_in_the_first_screen(open_intake, work, photos):
    page = open_intake(phone=True)
    send(page, photos(**{f"part{n}": photo(n) for n in range(11)}, broken=BROKEN))
    waiting(page, 12)
    # The first one is judged, which is the last row.
    assert work() == 12
    newest = page.locator(".newest .verdict")
    expect(page.locator("[data-progress][data-open='0']")).to_be_visible()  # it does not change any more
    expect(newest).to_have_text("ANOMALY")
    for part in (newest, page.locator(".batch-summary"), page.get_by_text("Take a photo")):
        expect(part).to_be_visible()
        box = part.bounding_box()
        assert box["y"] + box["height"] < 844 - 64, "under the bar at the bottom"
    # One line, and it stays; unfolded, another category can be chosen.
    line = page.locator("photo-intake")
    assert line.bounding_box()["height"] < 80
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate("scrollTo(0, 10_000)")
    assert line.bounding_box()["y"] < 60
    expect(page.locator("#choices")).to_be_hidden()
    page.get_by_role("button", name="Part").click()
    expect(page.locator("#choices")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_what_went_wrong_is_never_under_the_button(open_intake, photos, phone):
    page = open_intake(phone=phone)
    words = "The disk of the server is full, and nobody knows for how long. " * 4
    answer = f'<div class="notice" data-problem>{words}</div>'
    page.route("**/inspect/", lambda route: route.fulfill(status=418, body=answer))
    send(page, photos(a_rather_long_name_of_a_photo_from_line_seven=GOOD))
    problem = page.locator(".row-problem")
    expect(problem).to_contain_text("disk of the server")
    text, button = problem.bounding_box(), page.locator("[data-again]").bounding_box()
    assert text["y"] >= button["y"] + button["height"] or text["x"] + text["width"] <= button["x"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_what_keeps_photos_on_the_page_is_accessible(open_page, two, photos, accessibility_faults, phone):
    page = open_page("/inspect/", phone=phone)
    faults = []

    def look() -> None:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            faults.extend(accessibility_faults(page))

    choose(page, photos(good=GOOD))
    look()
    page.get_by_label("Nut").check()
    page.get_by_role("button", name="Undo").focus()  # time stands still
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    look()
    expect(page.locator("#soon")).to_be_visible()
    Session.objects.all().delete()
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look()
    page.keyboard.press("Escape")
    look()
    assert faults == []
