"""The review page: decisions by keyboard, mouse and thumb, undone step by step, by two people at once."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from inspector.core import files
from inspector.core.roles import Role
from inspector.inspections.models import Inspection, Verdict
from inspector.reviews.decide import Finding, decide
from inspector.reviews.defect_types import named
from inspector.reviews.enqueue import enqueue
from inspector.reviews.models import Entry, Review
from tests.browser.looks import check
from tests.factories import (
    BatchFactory,
    CategoryFactory,
    InspectionFactory,
    ModelVersionFactory,
    SampleFactory,
)
from tests.photos import photo

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]
HERE = "/review/"


@pytest.fixture
def nut():
    category = CategoryFactory.create(slug="nut", name="Nut")
    SampleFactory.create(category=category, split="test", label="blot")
    return category


@pytest.fixture
def photos_to_review(nut) -> Callable[[int], list[Inspection]]:
    """So many photos with a REVIEW verdict, the most doubtful one first."""

    def make(n: int) -> list[Inspection]:
        batch, version = BatchFactory.create(category=nut), ModelVersionFactory.create(category=nut)
        picture = files.store("previews/nut.png", photo(1))
        shown = dict.fromkeys(("preview", "thumbnail", "heatmap"), picture)
        rows = [
            InspectionFactory.create(
                judged=True,
                batch=batch,
                version=version,
                verdict=Verdict.REVIEW,
                review_from=0.1,
                score=0.499 - 0.3 * number / max(n, 1),
                contours="",
                reconstruction="",
                **shown,
            )
            for number in range(n)
        ]
        rows = list(Inspection.objects.select_related("category").filter(pk__in=[row.pk for row in rows]))
        rows.sort(key=lambda row: row.pk)
        enqueue(rows)
        return rows

    return make


def shown(page: Page) -> str:
    return page.locator("[data-card]:visible").get_attribute("data-inspection") or ""


def decisions() -> list[str]:
    return list(Review.objects.filter(withdrawal=None).order_by("pk").values_list("decision", flat=True))


def wait_for(page: Page, n: int) -> None:
    """Until so many decisions stand."""
    for _ in range(100):
        if len(decisions()) == n:
            return
        page.wait_for_timeout(50)
    assert len(decisions()) == n


def test_two_hundred_decisions_by_keyboard(open_page, photos_to_review):
    rows = photos_to_review(200)
    page = open_page(HERE, role="QA manager")
    for number, row in enumerate(rows):
        expect(page.locator(f"[data-card][data-inspection='{row.pk}']")).to_be_visible()
        at_once = page.evaluate(PRESSED, "gdu"[number % 3])
        assert at_once != str(row.pk), "the next photo is there before anything is sent"
    expect(page.get_by_text("Nothing left to review")).to_be_visible()
    wait_for(page, 200)
    found = Review.objects.order_by("inspection_id").values_list("decision", flat=True)
    assert list(found) == [("good", "defective", "unsure")[number % 3] for number in range(200)]


PRESSED = """(key) => {
    document.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
    return document.querySelector("[data-card]:not([hidden])")?.dataset.inspection ?? "";
}"""


def test_defects_by_number_and_undo_step_by_step(open_page, photos_to_review, nut, person):
    first, second, third = photos_to_review(3)
    scratch = named(nut, "Scratch", by=person(Role.QA_MANAGER))
    page = open_page(HERE, role="QA manager")
    page.keyboard.press("1")
    expect(page.get_by_text(f"{first.filename}: Scratch.")).to_be_visible()
    page.keyboard.press("g")
    wait_for(page, 2)
    assert Review.objects.get(inspection=first).defect_type == scratch
    assert shown(page) == str(third.pk)
    for row in (second, first):
        page.keyboard.press("z")
        expect(page.locator(f"[data-card][data-inspection='{row.pk}']")).to_be_visible()
    wait_for(page, 0)
    assert Entry.objects.filter(closed=None).count() == 3
    page.keyboard.press("j")
    assert shown(page) == str(second.pk), "without a decision"
    page.keyboard.press("k")
    assert shown(page) == str(first.pk)


def test_a_kind_that_is_offered_and_enter_in_a_comment(open_page, photos_to_review):
    first, _ = photos_to_review(2)
    page = open_page(HERE, role="QA manager")
    page.get_by_text("More: another defect").first.click()
    comment = page.get_by_role("textbox", name="Comment")
    comment.fill("At the rim")
    comment.press("Enter")
    assert shown(page) == str(first.pk), "Enter decides nothing"
    page.get_by_role("button", name="blot").click()
    wait_for(page, 1)
    review = Review.objects.get()
    assert (review.decision, review.defect_type.name, review.comment) == ("defective", "blot", "At the rim")


def test_what_somebody_decided_meanwhile_is_told_and_left(open_page, photos_to_review, person):
    first, second = photos_to_review(2)
    page = open_page(HERE, role="QA manager")
    decide(first, Finding("defective"), by=person(Role.ADMIN))
    page.keyboard.press("g")
    expect(page.get_by_text("admin decided meanwhile: Defective")).to_be_visible()
    expect(page.locator("[data-told]")).to_be_empty()  # what was not saved is not said as if it were
    assert shown(page) == str(second.pk)
    assert decisions() == ["defective"]


def test_two_people_never_see_the_same_photo(open_page, photos_to_review, person):
    photos_to_review(24)
    pages = [open_page(HERE, role=role) for role in ("QA manager", "Admin")]
    seen: list[str] = []
    while len(seen) < 24:
        for page in pages:
            card = page.locator("[data-card]:visible")
            if card.count():
                seen.append(card.get_attribute("data-inspection") or "")
                page.keyboard.press("g")
                expect(page.locator(f"[data-card][data-inspection='{seen[-1]}']")).to_be_hidden()
    wait_for(pages[0], 24)
    assert len(set(seen)) == 24


def test_who_comes_back_to_a_photo_that_another_person_got_is_told(open_page, photos_to_review, person):
    first, second = photos_to_review(2)
    page = open_page(HERE, role="QA manager")
    assert shown(page) == str(first.pk)
    until = timezone.now() + timedelta(minutes=1)
    Entry.objects.filter(inspection=first).update(lent_to=person(Role.ADMIN), lent_until=until)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_text("or another person has it now")).to_be_visible()
    assert shown(page) == str(second.pk)


def test_a_decision_made_without_a_connection_arrives(open_page, photos_to_review):
    photos_to_review(2)
    page = open_page(HERE, role="QA manager")
    page.context.set_offline(True)
    page.keyboard.press("g")
    expect(page.get_by_text("No connection to Inspector")).to_be_visible()
    page.context.set_offline(False)
    wait_for(page, 1)
    expect(page.get_by_text("No connection to Inspector")).to_be_hidden()


def test_by_thumb(open_page, photos_to_review):
    photos_to_review(2)
    page = open_page(HERE, role="QA manager", phone=True)
    page.get_by_role("button", name="Defective", exact=True).tap()
    wait_for(page, 1)
    page.locator("[data-card]:visible [data-stage]").evaluate(SWIPE, 150)
    wait_for(page, 2)
    assert decisions() == ["defective", "good"]
    page.get_by_role("button", name="Undo the last decision").tap()
    wait_for(page, 1)


SWIPE = """(stage, far) => {
    const at = (x) => [new Touch({identifier: 1, target: stage, clientX: x, clientY: 200})];
    const start = {bubbles: true, touches: at(100), changedTouches: at(100)};
    stage.dispatchEvent(new TouchEvent("touchstart", start));
    const end = {bubbles: true, touches: [], changedTouches: at(100 + far)};
    stage.dispatchEvent(new TouchEvent("touchend", end));
}"""


def test_the_pages_are_accessible_and_fit(open_page, accessibility_faults, photos_to_review, nut, person):
    first, *_ = photos_to_review(2)
    named(nut, "Scratch", by=person(Role.QA_MANAGER))
    page = open_page(first.get_absolute_url(), role="QA manager")
    expect(page.get_by_role("heading", name="Decision")).to_be_visible()
    addresses = (HERE, first.get_absolute_url(), "/categories/nut/review-rules/")
    check(page, accessibility_faults, addresses)


def test_deciding_on_the_page_of_an_inspection(open_page, photos_to_review):
    [row] = photos_to_review(1)
    page = open_page(row.get_absolute_url(), role="QA manager")
    page.get_by_role("button", name="Defective", exact=True).click()
    expect(page.get_by_role("button", name="Withdraw")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/inspections/{row.pk}/$"))
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("Withdrawn by qa-manager")).to_be_visible()
    assert decisions() == []


def test_the_grid_selects_by_click_shift_and_keys(open_page, accessibility_faults, photos_to_review):
    rows = photos_to_review(6)
    page = open_page("/review/grid/", role="QA manager")
    boxes = page.get_by_role("checkbox")
    expect(page.get_by_role("button", name="Good")).to_be_disabled()
    boxes.nth(1).check()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(page.get_by_text("3 selected")).to_be_visible()
    assert accessibility_faults(page) == []
    page.keyboard.press("Control+a")
    expect(page.get_by_text("6 selected")).to_be_visible()
    page.keyboard.press("a")
    boxes.nth(0).focus()
    page.keyboard.press("Space")
    page.keyboard.press("g")
    expect(page.get_by_text("1 photo was decided.")).to_be_visible()
    assert Review.objects.get().inspection == rows[0]
    page.keyboard.press("z")
    expect(page.get_by_text("1 decision was withdrawn.")).to_be_visible()
    assert decisions() == []
