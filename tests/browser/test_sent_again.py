"""The answer is lost on the way: what is sent again is not taken twice."""

from unittest.mock import Mock

import pytest
from django.http import HttpResponse
from playwright.sync_api import expect

from inspector.core import clock
from inspector.core.errors import Conflict
from inspector.inspections import inspect_views
from inspector.inspections.models import Batch, Inspection
from tests.browser.intake import choose, send, waiting
from tests.photos import photo

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("answer", [{"status": 418}, {"content": "<h1>Welcome to the guest network</h1>"}])
def test_an_answer_that_was_lost_is_asked_for_again(open_intake, photos, monkeypatch, answer):
    page = open_intake()
    with monkeypatch.context() as cut:
        cut.setattr(inspect_views, "_taken_rows", lambda *args: HttpResponse(**answer))
        send(page, photos(one=photo(1), two=photo(2)))
        expect(page.locator('.row[data-state="unsent"]')).to_have_count(2)
    assert Inspection.objects.count() == 2, "they had arrived"
    choose(page, photos(three=photo(3)))
    waiting(page, 1)
    page.get_by_role("button", name="Send again").first.click()
    waiting(page, 3)
    expect(page.locator('.row[data-state="unsent"]')).to_have_count(0)
    assert Inspection.objects.count() == 3
    expect(page.locator("[data-batch-section]")).to_have_count(Batch.objects.count())


def test_a_line_that_went_dead_stops_no_photos(open_intake, photos):
    """No answer and no error, as where a cable was pulled: asked once more, then said; the others go on."""
    page, dead = open_intake(), []
    page.clock.install()
    page.route("**/inspect/", lambda route: dead.append(route))
    send(page, photos(one=photo(1)))
    for times in (1, 2):
        while len(dead) < times:
            page.wait_for_timeout(20)
        page.clock.run_for(121_000)
    expect(page.locator(".row-problem")).to_contain_text("Inspector does not answer")
    page.unroute("**/inspect/")
    choose(page, photos(two=photo(2)))
    page.get_by_role("button", name="Send again").click()
    waiting(page, 2)
    assert Inspection.objects.count() == 2


def test_a_photo_that_was_refused_is_sent_again_as_of_its_own_part(open_intake, photos, monkeypatch):
    page = open_intake()
    page.locator("[data-part] summary").click()
    page.locator("#part-serial").fill("A-1")
    with monkeypatch.context() as full:
        full.setattr(inspect_views, "submit", Mock(side_effect=Conflict("archived", "No.")))
        send(page, photos(one=photo(1)))
        expect(page.locator('.row[data-state="unsent"]')).to_have_count(1)
    page.locator("[data-part] summary").click()
    page.locator("#part-serial").fill("A-2")
    page.get_by_role("button", name="Send again").click()
    waiting(page, 1)
    assert Inspection.objects.get().serial == "A-1"


def test_a_photo_that_has_to_wait_says_why(open_intake, photos, accessibility_faults):
    page = open_intake()
    send(page, photos(one=photo(1)))
    waiting(page, 1)
    Inspection.objects.update(
        wait_code="storage_away",
        wait_message="The storage does not answer.",
        started=clock.now(),
        wait_since=clock.now(),
        wait_until=clock.seconds_from_now(300),
    )
    row = page.locator(".row")
    expect(row).to_contain_text("The storage does not answer.")
    expect(row).to_contain_text("Nothing is lost.")
    assert accessibility_faults(page) == []
    row.get_by_role("button", name="Try now").click()
    expect(row).to_contain_text("next try in a moment")
