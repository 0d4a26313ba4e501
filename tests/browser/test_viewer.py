"""One inspection in a real browser: the viewer's layers and zoom; History's filters in the address."""

import re

import pytest
from playwright.sync_api import Page, expect

from inspector.accounts.models import User
from inspector.inspections.models import Inspection
from inspector.inspections.submit import submit
from tests.photos import photo, upload

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shown(open_page, active_version, person, work) -> Page:
    """The page of a judged, broken part; a good one is older."""
    version = active_version()
    uploads = [upload(photo(1), "good.png"), upload(photo(300, size=(640, 480), broken=True), "broken.png")]
    by: User = person("Inspector")
    submission = submit(category=version.category, uploads=uploads, by=by, source="web")
    assert work() == 2
    return open_page(f"/inspections/{submission.inspections[1].pk}/")


def zoom(page: Page) -> str:
    return page.locator("[data-zoom-shown]").inner_text()


def test_layers(shown):
    heatmap = shown.locator('.stage [data-layer="heatmap"]')
    slider = shown.get_by_label("How strong the anomaly map is")
    expect(heatmap).to_have_css("opacity", "0.8")
    slider.fill("30")
    expect(heatmap).to_have_css("opacity", "0.3")
    shown.keyboard.press("Escape")
    shown.locator(".stage").focus()
    shown.keyboard.press("h")
    expect(heatmap).to_have_css("opacity", "0")
    shown.keyboard.press("r")
    expect(shown.locator('.stage [data-layer="reconstruction"]')).to_be_visible()
    shown.keyboard.press("p")
    expect(shown.locator('.stage [data-layer="reconstruction"]')).to_be_hidden()


def test_colour_contours_or_neither(shown):
    colour, lines = (shown.locator(f'.stage [data-layer="{name}"]') for name in ("heatmap", "contours"))
    legend = shown.locator("ul.legend-lines")
    expect(lines).to_have_css("opacity", "0")
    expect(legend).to_be_hidden()
    shown.get_by_role("button", name="Contours").click()
    expect(lines).to_have_css("opacity", "0.8")
    expect(colour).to_have_css("opacity", "0")
    expect(legend).to_contain_text("threshold")
    expect(shown.get_by_role("button", name="Colour")).to_have_attribute("aria-pressed", "false")
    # The keyboard: the same key again puts it away, the other key changes it.
    shown.locator(".stage").focus()
    shown.keyboard.press("c")
    expect(lines).to_have_css("opacity", "0")
    expect(shown.get_by_role("button", name="Off")).to_have_attribute("aria-pressed", "true")
    shown.keyboard.press("h")
    expect(colour).to_have_css("opacity", "0.8")
    shown.get_by_role("button", name="Off").click()
    expect(colour).to_have_css("opacity", "0")
    # A picture that really came and has lines in it.
    assert lines.evaluate("image => image.complete && image.naturalWidth") == 640
    shown.keyboard.press("c")
    shown.reload()
    expect(lines).to_have_css("opacity", "0.8")


def test_an_inspection_of_a_former_time_has_no_contours_to_choose(shown):
    Inspection.objects.update(contours="", reconstruction="")
    shown.reload()
    expect(shown.get_by_role("button", name="Colour")).to_be_visible()
    expect(shown.get_by_role("button", name="Contours")).to_have_count(0)
    expect(shown.get_by_role("button", name="Photo", exact=True)).to_have_count(0)
    expect(shown.locator(".side-by-side figure")).to_have_count(2)


def test_zoom_with_keys_wheel_and_drag(shown):
    stage, layers = shown.locator(".stage"), shown.locator("[data-layers]")
    stage.focus()
    for _ in range(3):
        shown.keyboard.press("+")
    assert zoom(shown) == "3.4\N{MULTIPLICATION SIGN}"
    before = layers.bounding_box()
    shown.keyboard.press("ArrowLeft")
    assert layers.bounding_box()["x"] == pytest.approx(before["x"] + 60, abs=1)
    box = stage.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    shown.mouse.move(*middle)
    shown.mouse.down()
    shown.mouse.move(middle[0] - 60, middle[1] + 20)
    shown.mouse.up()
    assert layers.bounding_box()["x"] == pytest.approx(before["x"], abs=1)
    assert layers.bounding_box()["y"] == pytest.approx(before["y"] + 20, abs=1)
    shown.keyboard.press("0")
    assert zoom(shown) == "1.0\N{MULTIPLICATION SIGN}"
    shown.mouse.wheel(0, -400)
    expect(shown.locator("[data-zoom-shown]")).not_to_have_text("1.0\N{MULTIPLICATION SIGN}")


def test_an_open_inspection_becomes_final_by_itself(open_page, active_version, person, work):
    version = active_version()
    row = submit(
        category=version.category, uploads=[upload(photo(1))], by=person("Inspector"), source="web"
    ).inspections[0]
    page = open_page(f"/inspections/{row.pk}/")
    expect(page.locator(".inspection-open")).to_contain_text("Waiting")
    work()
    expect(page.locator(".verdict.huge")).to_have_text("OK")
    assert zoom(page) == "1.0\N{MULTIPLICATION SIGN}"


def test_filters_live_in_the_address(shown):
    shown.goto("/history/")
    expect(shown.locator("tbody tr")).to_have_count(2)
    shown.get_by_label("Verdict").focus()
    shown.get_by_label("Verdict").select_option("ANOMALY")
    expect(shown.locator("tbody tr")).to_have_count(1)
    expect(shown).to_have_url(re.compile(r"/history/\?verdict=ANOMALY$"))
    expect(shown.get_by_label("Verdict")).to_be_focused()
    shown.go_back()
    expect(shown.locator("tbody tr")).to_have_count(2)
    shown.go_forward()
    expect(shown.get_by_label("Verdict")).to_have_value("ANOMALY")
    shown.locator("tbody a").click()
    expect(shown.locator(".verdict.huge")).to_have_text("ANOMALY")
    expect(shown.get_by_role("link", name="Newer")).to_have_count(0)
