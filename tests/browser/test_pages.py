"""Pages wide and on a phone, light and dark: nothing for axe to find, nothing wider than the screen.

Those of categories and trainings are in test_categories.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from inspector.core.jobs import State
from inspector.inspections.submit import submit
from inspector.registry.models import ModelVersion
from tests.factories import CategoryFactory, InspectionFactory
from tests.photos import photo, upload

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def addresses(active_version: Callable[..., ModelVersion], person, work) -> list[str]:
    """Addresses with something to see: an inspection in every state."""
    category = CategoryFactory.create(slug="nut", name="Nut")
    version = active_version(category)
    uploads = [upload(photo(1), "good.png"), upload(photo(300, broken=True), "broken.png")]
    submission = submit(category=category, uploads=uploads, by=person("Admin"), source="web")
    work()
    batch, (good, broken) = submission.batch, submission.inspections
    waiting = InspectionFactory.create(batch=batch)
    failed = InspectionFactory.create(
        batch=batch, state=State.FAILED, error_code="worker_lost", error_message="The worker stopped."
    )
    review = InspectionFactory.create(
        judged=True, version=version, batch=batch, verdict="REVIEW", score=0.45, review_from=0.4, p_value=0.02
    )
    CategoryFactory.create(slug="raw", name="Raw")
    return [
        f"/inspect/?batch={batch.pk}",
        "/inspect/?category=raw",
        "/inspect/station/",
        f"/inspect/station/?batch={batch.pk}",
        f"/inspect/batches/{batch.pk}/",
        *(f"/inspections/{row.pk}/" for row in (good, broken, review, waiting, failed)),
        "/history/",
        "/history/?verdict=OK&since=2036-01-01",
        "/categories/",
        "/account/",
        "/no-such-page/",
    ]


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_pages_are_accessible_and_fit(open_page, accessibility_faults, addresses, phone):
    page = open_page("/sign-in/", role=None, phone=phone)
    assert accessibility_faults(page) == []
    page = open_page("/", role="Admin", phone=phone)
    for address in addresses:
        page.emulate_media(color_scheme="light")
        page.goto(address)
        assert accessibility_faults(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{address} is too wide"
        # Only colours differ by scheme.
        page.emulate_media(color_scheme="dark")
        assert accessibility_faults(page, "color-contrast") == [], f"{address}, dark"


@pytest.mark.parametrize("role", ["QA manager", "Admin"])
def test_the_top_bar_fits_whatever_the_width(open_page, role):
    page = open_page("/account/", role=role)
    for width in (1700, 1440, 1290, 1270, 1100, 980, 870, 860, 760, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), width
        # The box, or the link in its place, and never both.
        shown = page.locator(".topbar-search:visible, .topbar-search-link:visible")
        expect(shown).to_have_count(1)
