"""The keyboard alone: single keys whatever has the focus, rows, pages, categories, and the ends of lists."""

import re

import pytest
from playwright.sync_api import Page, expect

from inspector.categories.models import Category
from inspector.core import paging
from inspector.inspections.models import Inspection
from inspector.inspections.submit import submit
from tests.factories import BatchFactory, CategoryFactory, InspectionFactory, ModelVersionFactory
from tests.photos import photo, upload

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]
LAST, FIRST = "That was the last one.", "That was the first one."


@pytest.fixture
def judged():
    """judged(5) -> so many judged photos of one batch, oldest first."""

    def make(count: int, **values: object) -> list[Inspection]:
        version = ModelVersionFactory.create(category=CategoryFactory.create(slug="nut", name="Nut"))
        batch = BatchFactory.create(category=version.category)
        pictures = {"thumbnail": "", "preview": "", "contours": "", "heatmap": "", "reconstruction": ""}
        values = pictures | values
        return [
            InspectionFactory.create(
                judged=True, batch=batch, version=version, filename=f"part{n}.png", **values
            )
            for n in range(count)
        ]

    return make


def press(page: Page, key: str) -> None:
    """Once the page's script runs: a page is seen a moment before it listens."""
    expect(page.locator("html[data-scripts]")).to_be_attached()
    page.keyboard.press(key)


def told(page: Page):
    return page.locator("[role=status]#told")


def opened(page: Page):
    return page.locator(".facts-title")


def test_keys_work_while_a_radio_a_slider_or_a_file_field_has_the_focus(
    open_page, active_version, person, work
):
    version = active_version()
    row = submit(
        category=version.category, uploads=[upload(photo(1))], by=person("Inspector"), source="web"
    ).inspections[0]
    page = open_page("/inspect/")
    for field in ("[name=category]", "[name=images]"):
        page.locator(field).first.focus()
        press(page, "?")
        expect(page.get_by_role("dialog")).to_be_visible()
        press(page, "Escape")
    assert work() == 1
    page.goto(f"/inspections/{row.pk}/")
    slider = page.locator("[data-opacity]")
    slider.focus()
    before = slider.input_value()
    press(page, "ArrowLeft")  # its own, although it would be another inspection elsewhere
    assert slider.input_value() != before
    press(page, "r")
    expect(page.locator('.stage [data-layer="reconstruction"]')).to_be_visible()


def test_keys_are_nobodys_while_somebody_types_or_is_asked(open_page, judged):
    judged(2)
    page = open_page("/history/")
    page.get_by_label("Since").focus()
    press(page, "j")
    page.get_by_role("combobox", name="Category").focus()
    press(page, "j")
    expect(page.locator("tbody a:focus")).to_have_count(0)
    page.locator("h1").click()
    for chord in ("Control+j", "Alt+j", "Meta+j"):
        press(page, chord)
    press(page, "?")
    press(page, "j")
    expect(page.locator("tbody a:focus")).to_have_count(0)
    page.get_by_label("Single keys work").uncheck()
    press(page, "Escape")
    page.locator("h1").click()
    for key in ("j", "g", "i"):
        press(page, key)
    expect(page.locator("tbody a:focus")).to_have_count(0)
    expect(page).to_have_url(re.compile("/history/$"))


def test_rows_of_the_history_and_past_the_end_of_a_page(open_page, judged, monkeypatch):
    monkeypatch.setitem(paging.page.__kwdefaults__, "size", 3)
    rows = judged(5)[::-1]
    page = open_page("/history/")
    for row in rows[:3]:
        press(page, "j")
        expect(page.locator("tbody a:focus")).to_have_text(row.filename)
        expect(page.locator("tbody a:focus")).to_be_in_viewport()
    press(page, "j")
    expect(page).to_have_url(re.compile("before="))
    expect(page.locator("tbody a:focus")).to_have_text(rows[3].filename)
    press(page, "j")
    press(page, "j")
    expect(told(page)).to_have_text(LAST)
    expect(page.locator("tbody a:focus")).to_have_text(rows[4].filename)
    press(page, "k")
    press(page, "k")
    expect(page.locator("tbody a:focus")).to_have_text(rows[2].filename)
    press(page, "Enter")
    expect(opened(page)).to_have_text(rows[2].filename)


def test_the_ends_of_a_batch_and_the_way_back_to_it(open_page, judged):
    rows = judged(3)
    page = open_page(f"/inspections/{rows[1].pk}/?batch={rows[1].batch_id}")
    press(page, "j")
    expect(opened(page)).to_have_text(rows[0].filename)
    press(page, "j")
    expect(told(page)).to_have_text(LAST)
    press(page, "k")
    expect(opened(page)).to_have_text(rows[1].filename)
    press(page, "k")
    expect(opened(page)).to_have_text(rows[2].filename)
    press(page, "k")
    expect(told(page)).to_have_text(FIRST)
    press(page, "b")
    # At the row that was looked at.
    expect(page).to_have_url(re.compile(f"/inspect/batches/{rows[0].batch_id}/"))
    expect(page.locator(".row a:focus")).to_have_text(rows[2].filename)
    press(page, "k")
    expect(told(page)).to_have_text(FIRST)


def test_g_and_a_letter_lead_to_another_page(open_page, judged):
    judged(1)
    page = open_page("/inspect/")
    for key, address in (("h", "/history/"), ("c", "/categories/"), ("i", "/inspect/")):
        press(page, "g")
        expect(told(page)).to_contain_text("History")
        press(page, key)
        expect(page).to_have_url(re.compile(f"{address}$"))
    # Another key ends it and does nothing itself; so does waiting.
    press(page, "g")
    press(page, "?")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(told(page)).to_be_empty()
    press(page, "g")
    expect(told(page)).not_to_be_empty()
    expect(told(page)).to_be_empty()
    press(page, "h")
    expect(page).to_have_url(re.compile("/inspect/$"))


def test_a_number_chooses_the_category(open_page):
    for name in ("Bolt", "Nut"):
        ModelVersionFactory.create(category=CategoryFactory.create(slug=name.lower(), name=name))
    CategoryFactory.create(slug="raw", name="Raw")
    page = open_page("/inspect/")
    press(page, "2")
    expect(page.get_by_role("radio", name="Nut")).to_be_checked()
    press(page, "1")
    expect(page.get_by_role("radio", name="Bolt")).to_be_checked()
    press(page, "3")
    expect(page.get_by_role("radio", name="Bolt")).to_be_checked()
    press(page, "?")
    for words in ("Nut", "Choose photos", "gthenh", "History"):
        expect(page.get_by_role("dialog")).to_contain_text(re.compile(words.replace("then", " then ")))
    page.goto("/inspect/station/")
    press(page, "2")
    expect(page.get_by_role("heading", name="Nut")).to_be_visible()
    page.goto("/history/")
    press(page, "2")
    expect(page).to_have_url(re.compile("category=nut"))
    press(page, "0")
    expect(page).to_have_url(re.compile("/history/$"))


def test_rows_of_categories_and_samples(open_page, judged):
    judged(1)
    other = CategoryFactory.create(name="Zed")
    page = open_page("/categories/")
    press(page, "j")
    press(page, "j")
    expect(page.locator("tbody a:focus")).to_have_text("Zed")
    press(page, "Enter")
    expect(page).to_have_url(re.compile(f"/categories/{other.slug}/$"))


def test_a_shift_of_thirty_photos_without_a_mouse(open_page, active_version, work, photos):
    active_version(CategoryFactory.create(name="Bolt"))
    nut = active_version(CategoryFactory.create(name="Nut")).category
    page = open_page("/inspect/")
    page.on("filechooser", lambda _: None)  # the browser begins to tell of it now, not while "u" is pressed
    press(page, "2")
    names = photos(**{f"part{n}": photo(n, broken=n % 10 == 0) for n in range(30)})
    with page.expect_file_chooser() as chooser:
        press(page, "u")
    chooser.value.set_files(names)
    expect(page.locator('.row[data-state="waiting"]')).to_have_count(30)
    assert work() == 30
    expect(page.locator(".row[data-verdict]:not([data-verdict=''])")).to_have_count(30)
    assert set(Inspection.objects.values_list("category", flat=True)) == {nut.pk}
    press(page, "o")
    for name in ("part20.png", "part10.png", "part0.png"):
        expect(opened(page)).to_have_text(name)
        expect(page.locator(".verdict.huge")).to_have_text("ANOMALY")
        press(page, "j")
    expect(told(page)).to_have_text(LAST)
    press(page, "k")
    expect(opened(page)).to_have_text("part10.png")
    press(page, "b")
    expect(page.locator(".row a:focus")).to_have_text("part10.png")
    press(page, "j")
    press(page, "Enter")
    expect(opened(page)).to_have_text("part9.png")
    press(page, "g")
    press(page, "h")
    expect(page).to_have_url(re.compile("/history/$"))
    press(page, "j")
    expect(page.locator("tbody a:focus")).to_have_text("part29.png")


def test_a_photo_beyond_retry_is_removed_from_the_list(open_page, judged):
    row = judged(2)[0]
    Inspection.objects.filter(pk=row.pk).update(
        state="failed", verdict="", error_code="truncated", error_message="The file is cut off."
    )
    page = open_page(f"/inspect/batches/{row.batch_id}/")
    page.get_by_role("button", name="Remove from the list").click()
    expect(page.locator(".row")).to_have_count(1)
    expect(page.locator(".batch-summary")).to_contain_text("1 failed, removed")
    expect(told(page)).to_have_text("part0.png was removed from the list. It stays in the history.")
    page.get_by_role("link", name="1 failed, removed").click()
    expect(page.locator("tbody tr")).to_contain_text("part0.png")


def test_on_a_phone_the_filters_are_behind_one_button_that_says_how_many(
    open_page, judged, accessibility_faults
):
    judged(2)
    page = open_page("/history/?verdict=ANOMALY&sort=score", phone=True)
    button = page.get_by_role("button", name="Filters, 1 set")
    expect(page.get_by_label("Verdict")).to_be_hidden()
    button.click()
    page.get_by_role("combobox", name="Category").select_option("nut")
    expect(page.get_by_role("button", name="Filters, 2 set")).to_have_attribute("aria-expanded", "true")
    expect(page).to_have_url(re.compile("sort=score"))
    assert accessibility_faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Today").click()
    expect(page.get_by_role("button", name="Filters, 3 set")).to_be_visible()
    expect(page.get_by_text("2 inspections")).to_be_visible()


def test_on_a_phone_the_filters_of_the_trail_are_behind_a_button(open_page, accessibility_faults):
    page = open_page("/trail/?who=admin", role="Admin", phone=True)
    expect(page.get_by_label("Action")).to_be_hidden()
    page.get_by_role("button", name="Filters, 1 set").click()
    expect(page.get_by_label("Action")).to_be_visible()
    assert accessibility_faults(page) == []


def test_a_category_stays_on_one_line(open_page, judged):
    row = judged(1)[0]
    Category.objects.filter(pk=row.category_id).update(name="Bottle UX with a name as long as they get")
    page = open_page("/history/")
    height = "cell => { const range = document.createRange(); range.selectNodeContents(cell); "
    height += "return range.getBoundingClientRect().height / parseFloat(getComputedStyle(cell).fontSize); }"
    assert page.locator("td.history-category").evaluate(height) < 2
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
