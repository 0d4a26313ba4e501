"""The bar on top of every page; how pages look is in test_every_page."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("role", ["QA manager", "Admin"])
def test_the_top_bar_fits_whatever_the_width(open_page, role):
    page = open_page("/account/", role=role)
    for width in (1700, 1440, 1290, 1270, 1100, 980, 870, 860, 760, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), width
        # The box, or the link in its place, and never both.
        shown = page.locator(".topbar-search:visible, .topbar-search-link:visible")
        expect(shown).to_have_count(1)
