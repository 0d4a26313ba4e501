"""Trends: a chart by the keyboard, as files, as a table, and on to its photos."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from inspector.monitoring.models import HourlySum
from tests.factories import ModelVersionFactory, UserFactory

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def fortnight():
    version = ModelVersionFactory.create(category__name="Hex nut", category__slug="hex-nut")
    known = {"category": version.category, "version": version, "person": UserFactory.create(), "folded": True}
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    for back in range(1, 28):
        bad = 90 if back == 3 else 18 + back % 2 * 6
        hour = now - timedelta(days=back)
        HourlySum.objects.create(hour=hour, ok_good=1000 - bad, anomaly_defective=bad, **known)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_chart_by_keyboard_as_files_and_on_to_its_photos(open_page, fortnight, accessibility_faults, phone):
    page = open_page("/trends/?category=hex-nut", role="QA manager", phone=phone)
    chart = page.get_by_role("application", name=re.compile("^Defect rate"))
    expect(chart.locator("svg")).to_be_visible()
    assert accessibility_faults(page) == []
    for name, ending in (("SVG", "svg"), ("PNG", "png"), ("CSV", "csv")):
        with page.expect_download() as file:
            page.get_by_label(f"Download “Defect rate” as {name}").click()
        assert file.value.suggested_filename == f"rate.{ending}"
    chart.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    told = page.locator("section", has=chart).locator("[data-told]")
    expect(told).to_contain_text("90 of 1,000 defective, 9.00")
    expect(told).to_contain_text("Signal: One point beyond 3 sigma")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/history/\?category=hex-nut&outcome=defective&since="))
