"""The Limits page with a keyboard, a mouse, on a phone, and without scripts."""

import pytest
from playwright.sync_api import Page, expect

from inspector.registry.models import Deployment
from tests.factories import (
    BatchFactory,
    CategoryFactory,
    InspectionFactory,
    JudgementFactory,
    ModelVersionFactory,
)

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]
ADDRESS = "/categories/nut/limits/"
GOOD = [0.0001 * 1.3**n for n in range(30)]  # 0.0001 to 0.2
DEFECT = [0.02 * 1.25**n for n in range(25)]  # 0.02 to 4.2


@pytest.fixture
def version():
    config = {"threshold": {"review_from": 0.05}}
    category = CategoryFactory.create(slug="nut", name="Nut")
    version = ModelVersionFactory.create(category=category, number=1, threshold=0.1, config=config)
    for label, scores in (("good", GOOD), ("scratch", DEFECT)):
        for score in scores:
            JudgementFactory.create(version=version, label=label, score=score)
    batch = BatchFactory.create(category=category)
    for score in GOOD[::3]:
        InspectionFactory.create(judged=True, version=version, batch=batch, score=score)
    return version


def slider(page: Page, name: str):
    return page.get_by_role("slider", name=f"{name} from")


def field(page: Page, name: str):
    return page.get_by_role("spinbutton", name=f"{name} from")


def counted(page: Page, name: str) -> int:
    return int(page.locator(f'[data-count="{name}"]').inner_text())


def test_handles_move_by_keys_and_the_fields_and_counts_with_them(open_page, version):
    page = open_page(ADDRESS, role="QA manager")
    alarms, missed = counted(page, "alarms"), counted(page, "missed")
    assert alarms == sum(score >= 0.1 for score in GOOD)
    slider(page, "ANOMALY").focus()
    for _ in range(12):
        page.keyboard.press("ArrowLeft")
    expect(field(page, "ANOMALY")).not_to_have_value("0.1")
    threshold = float(field(page, "ANOMALY").input_value())
    assert counted(page, "alarms") == sum(score >= threshold for score in GOOD) > alarms
    page.keyboard.press("Home")
    expect(field(page, "ANOMALY")).to_have_value("0.05")  # no further than where REVIEW begins
    page.keyboard.press("End")
    slider(page, "REVIEW").focus()
    page.keyboard.press("Home")
    assert counted(page, "missed") == 0 < missed
    page.keyboard.press("End")
    expect(field(page, "REVIEW")).to_have_value("")
    assert counted(page, "review") == 0
    expect(slider(page, "REVIEW")).to_have_attribute(
        "aria-valuetext", "No REVIEW: 0 false alarms, 25 missed, 0 for review"
    )
    page.get_by_role("button", name="Reset").click()
    expect(field(page, "REVIEW")).to_have_value("0.05")
    assert counted(page, "alarms") == alarms


def test_a_dragged_limit_is_applied_with_a_reason(open_page, version):
    page = open_page(ADDRESS, role="Admin")
    box = slider(page, "ANOMALY").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 60, steps=5)
    page.mouse.up()
    threshold = float(field(page, "ANOMALY").input_value())
    assert threshold > 0.1
    assert counted(page, "alarms") == sum(score >= threshold for score in GOOD)
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why")
    expect(field(page, "ANOMALY")).to_have_value(str(threshold))
    field(page, "REVIEW").fill("9")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("alert")).to_contain_text("REVIEW cannot begin above ANOMALY")
    expect(slider(page, "REVIEW")).to_have_attribute("aria-valuenow", "0.05")  # in force
    field(page, "REVIEW").fill("0.05")
    page.get_by_label("Why").fill("Scratches below this are allowed now")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("table").last).to_contain_text("Scratches below this are allowed now")
    assert Deployment.objects.get(until=None).threshold == threshold


def test_on_a_phone_exact_values_are_typed(open_page, version, accessibility_faults):
    page = open_page(ADDRESS, role="Admin", phone=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert accessibility_faults(page) == []
    field(page, "ANOMALY").fill("0.123456789")
    assert counted(page, "alarms") == sum(score >= 0.123456789 for score in GOOD)
    page.get_by_label("Why").fill("As agreed")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("by the new limits from now on")).to_be_visible()
    assert Deployment.objects.get(until=None).threshold == 0.123456789


def test_without_scripts_the_page_counts_and_applies(open_page, version):
    page = open_page(ADDRESS, role="Admin", java_script_enabled=False)
    expect(page.get_by_role("slider")).to_have_count(0)
    field(page, "ANOMALY").fill("0.2")
    page.get_by_role("button", name="Count").click()
    assert counted(page, "alarms") == sum(score >= 0.2 for score in GOOD)
    page.get_by_label("Why").fill("As agreed")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("by the new limits from now on")).to_be_visible()
    assert Deployment.objects.get(until=None).threshold == 0.2
