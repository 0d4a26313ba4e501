"""The answer is lost on the way: what is sent again is not taken twice."""

import pytest
from django.http import HttpResponse
from playwright.sync_api import expect

from inspector.core import clock
from inspector.inspections import inspect_views
from inspector.inspections.models import Batch, Inspection
from tests.browser.intake import choose, send, waiting
from tests.photos import photo

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


def test_an_answer_that_was_lost_is_asked_for_again(open_intake, photos, monkeypatch):
    page = open_intake()
    with monkeypatch.context() as cut:
        cut.setattr(inspect_views, "_taken_rows", lambda *args: HttpResponse(status=418))
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
