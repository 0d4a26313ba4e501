"""A form that is refused: a summary above it, the focus in the first wrong field, and that field in sight."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories import CategoryFactory, ModelVersionFactory, SampleFactory

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def nut():
    category = CategoryFactory.create(slug="nut", name="Nut")
    ModelVersionFactory.create(category=category)
    SampleFactory.create(category=category)
    return category


def expect_problem(page: Page, words: str, field: str) -> None:
    """The summary names the fault and links to the field, which has the focus and is in the window."""
    summary = page.locator("[data-errors]")
    expect(summary.get_by_role("heading", name="There is a problem")).to_have_count(1)
    expect(page.locator(f"[name={field}]:focus")).to_be_in_viewport(ratio=1)
    assert page.title().startswith("Error: ")
    page.locator("h1").first.click()
    summary.get_by_role("link", name=words).first.click()
    expect(page.locator(f"[name={field}]:focus")).to_be_in_viewport(ratio=1)


def test_a_name_that_is_taken(open_page, nut):
    page = open_page("/new-category/", role="Admin")
    page.get_by_label("Name", exact=True).fill("Nut")
    page.keyboard.press("Enter")
    expect_problem(page, "Name: ", "name")
    page.goto(f"/categories/{CategoryFactory.create().slug}/describe/")
    page.get_by_label("Name", exact=True).fill("  ")
    page.get_by_role("button", name="Save").click()
    expect_problem(page, "Name: ", "name")


@pytest.mark.parametrize(
    "address", ["/categories/nut/retrain/", "/admin/categories/category/retrain/?ids={}"]
)
def test_an_impatient_second_click_does_not_do_it_twice(open_page, nut, address):
    """The answer to the second was shown: that a training is open, as if the first had been refused."""
    page, sent = open_page(address.format(nut.pk), role="Admin"), []
    page.route(
        "**/*", lambda route: sent.append(route) if route.request.method == "POST" else route.continue_()
    )
    box = page.locator("[name=recommended]").bounding_box()
    for _ in range(2):
        page.mouse.click(box["x"] + 5, box["y"] + 5)  # not by its locator, which waits for the page to come
        page.wait_for_timeout(400)
    [first] = sent
    first.continue_()
    expect(page.get_by_text("Waiting", exact=True).first).to_be_visible()
    assert nut.runs.count() == 1


def test_a_wrong_number_far_down_a_long_form(open_page, nut, accessibility_faults):
    page = open_page("/categories/nut/retrain/", role="Admin", phone=True)
    page.get_by_text("Advanced").click()
    page.get_by_label("Good parts in REVIEW or above").fill("900")
    page.get_by_role("button", name="Start with these options").click()
    expect_problem(page, "Good parts in REVIEW or above", "review")
    assert accessibility_faults(page) == []


def test_a_wrong_password(open_page, person, nut):
    page = open_page("/account/", phone=True)
    for label in ("Current password", "New password", "Repeat new password"):
        page.get_by_label(label, exact=True).fill("no such password")
    page.get_by_role("button", name="Change the password").click()
    expect_problem(page, "Current password: ", "old_password")


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_a_filter_that_cannot_be_read(open_page, nut, phone):
    page = open_page("/history/?since=yesterday", phone=phone)
    expect_problem(page, "Since: ", "since")


def test_signing_in_with_a_wrong_password(open_page, person, accessibility_faults):
    page = open_page("/sign-in/", role=None)
    page.get_by_label("Username").fill("somebody")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect_problem(page, "Wrong username or password", "password")
    assert accessibility_faults(page) == []
