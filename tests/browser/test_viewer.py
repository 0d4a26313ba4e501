"""One inspection in a real browser: the viewer's layers and zoom; History's filters in the address."""

import re
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from inspector.accounts.models import User
from inspector.inspections.models import Inspection
from inspector.inspections.submit import submit
from tests.browser.looks import wait_until
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


def layer(page: Page, name: str):
    return page.locator(f'.stage [data-layer="{name}"]')


def zoom(page: Page) -> str:
    return page.locator("[data-zoom-shown]").inner_text()


def test_layers(shown):
    heatmap = layer(shown, "heatmap")
    slider = shown.get_by_label("Strength of the anomaly map")
    shown.get_by_role("button", name="Colour").click()
    expect(heatmap).to_have_css("opacity", "0.4")
    slider.fill("30")
    expect(heatmap).to_have_css("opacity", "0.3")
    # Each map has its own strength: colour hides the part, lines do not.
    shown.keyboard.press("c")
    expect(layer(shown, "contours")).to_have_css("opacity", "0.8")
    shown.keyboard.press("h")
    expect(heatmap).to_have_css("opacity", "0.3")
    shown.keyboard.press("h")
    expect(heatmap).to_have_css("opacity", "0")
    shown.keyboard.press("r")
    expect(layer(shown, "reconstruction")).to_be_visible()
    shown.keyboard.press("p")
    expect(layer(shown, "reconstruction")).to_be_hidden()


def test_contours_first_then_colour_or_neither(shown):
    colour, lines = layer(shown, "heatmap"), layer(shown, "contours")
    legend = shown.locator("ul.legend-lines")
    expect(lines).to_have_css("opacity", "0.8")
    expect(colour).to_have_css("opacity", "0")
    expect(legend).to_contain_text("threshold")
    shown.get_by_role("button", name="Colour").click()
    expect(colour).to_have_css("opacity", "0.4")
    expect(lines).to_have_css("opacity", "0")
    expect(legend).to_be_hidden()
    expect(shown.get_by_role("button", name="Contours")).to_have_attribute("aria-pressed", "false")
    # The keyboard: the same key again puts it away, the other key changes it.
    shown.locator(".stage").focus()
    shown.keyboard.press("h")
    expect(colour).to_have_css("opacity", "0")
    expect(shown.get_by_role("button", name="Off")).to_have_attribute("aria-pressed", "true")
    shown.keyboard.press("c")
    expect(lines).to_have_css("opacity", "0.8")
    shown.get_by_role("button", name="Off").click()
    expect(lines).to_have_css("opacity", "0")
    # A picture that really came and has lines in it.
    assert lines.evaluate("image => image.complete && image.naturalWidth") == 640
    # "Off" was for this photo, colour would be for the next one, too.
    shown.reload()
    expect(lines).to_have_css("opacity", "0.8")
    shown.keyboard.press("h")
    shown.reload()
    expect(colour).to_have_css("opacity", "0.4")


def test_without_contours_it_is_thin_colour_and_nothing_is_shown_twice(shown):
    Inspection.objects.update(contours="", reconstruction="")
    shown.reload()
    expect(layer(shown, "heatmap")).to_have_css("opacity", "0.4")
    expect(shown.get_by_role("button", name="Colour")).to_have_attribute("aria-pressed", "true")
    expect(shown.get_by_role("button", name="Contours")).to_have_count(0)
    expect(shown.get_by_role("button", name="Photo", exact=True)).to_have_count(0)
    expect(shown.locator(".side-by-side figure")).to_have_count(0)


def test_below_is_only_what_adds_something_and_all_can_be_downloaded(shown):
    expect(shown.locator(".side-by-side figure")).to_have_count(1)
    expect(shown.locator(".side-by-side")).to_contain_text("Reconstruction")
    for words, name in {
        "Download the photo": "broken.png",
        "heatmap": "broken heatmap.png",
        "contour lines": "broken contours.svg",
        "reconstruction": "broken reconstruction.jpg",
    }.items():
        with shown.expect_download() as download:
            shown.get_by_role("link", name=words).click()
        assert download.value.suggested_filename == name


def test_without_a_script_it_is_the_lines_too(shown, open_page):
    page = open_page(shown.url, java_script_enabled=False)
    expect(layer(page, "contours")).to_be_visible()
    expect(layer(page, "heatmap")).to_be_hidden()


def test_the_bare_photo_as_long_as_a_key_or_the_button_is_held(shown):
    lines = layer(shown, "contours")
    shown.keyboard.press("r")
    before = shown.evaluate("scrollY")
    for key in ("Space", "x"):
        shown.keyboard.down(key)
        shown.keyboard.down(key)  # held, it repeats
        expect(lines).to_have_css("opacity", "0")
        expect(layer(shown, "reconstruction")).to_be_hidden()
        shown.keyboard.up(key)
        expect(lines).to_have_css("opacity", "0.8")
        expect(layer(shown, "reconstruction")).to_be_visible()
    assert shown.evaluate("scrollY") == before
    shown.get_by_role("button", name="Hold: photo only").hover()
    shown.mouse.down()
    expect(lines).to_have_css("opacity", "0")
    shown.mouse.move(5, 5)
    shown.mouse.up()
    expect(lines).to_have_css("opacity", "0.8")
    shown.keyboard.press("?")
    expect(shown.get_by_role("dialog")).to_contain_text("Hold: the bare photo")
    shown.get_by_label("Single keys work").uncheck()
    shown.keyboard.press("Escape")
    shown.locator("h1").click()
    shown.keyboard.down("x")
    expect(lines).to_have_css("opacity", "0.8")


def test_the_wheel_scrolls_the_page_unless_it_is_meant_for_the_photo(shown):
    shown.set_viewport_size({"width": 1000, "height": 500})
    unchanged = "1.0\N{MULTIPLICATION SIGN}"
    stage = shown.locator(".stage")
    stage.hover()
    shown.evaluate("scrollTo(0, 200)")
    stage.hover(position={"x": 200, "y": 200})
    shown.mouse.wheel(0, -150)
    wait_until(shown, "scrollY < 200")
    assert zoom(shown) == unchanged
    shown.keyboard.down("Control")
    shown.mouse.wheel(0, -150)
    shown.keyboard.up("Control")
    expect(shown.locator("[data-zoom-shown]")).not_to_have_text(unchanged)
    shown.keyboard.press("0")
    stage.click(position={"x": 200, "y": 200})
    shown.mouse.wheel(0, -150)
    expect(shown.locator("[data-zoom-shown]")).not_to_have_text(unchanged)


def test_on_paper_times_are_whole_and_nothing_is_to_be_pressed(shown):
    created = timezone.localtime(
        Inspection.objects.get(filename="broken.png").created, ZoneInfo("Europe/Berlin")
    )
    shown.reload()  # the browser has told its zone by now
    shown.emulate_media(media="print", color_scheme="dark")
    printed = "time => getComputedStyle(time, '::after').content"
    moment = shown.locator(".facts time")
    assert moment.evaluate(printed) == f'"{created:%-d %b %Y, %H:%M:%S} {created.tzname()}"'
    assert moment.evaluate("time => getComputedStyle(time).fontSize") == "0px"
    for gone in (".topbar", ".footer", ".zoom", ".viewer .segments", "a.button"):
        expect(shown.locator(gone).first).to_be_hidden()
    for kept in (".verdict.huge", '.stage [data-layer="photo"]', '.stage [data-layer="contours"]', ".facts"):
        expect(shown.locator(kept)).to_be_visible()
    assert shown.evaluate("getComputedStyle(document.body).color") == "rgb(21, 25, 27)"  # on white paper


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
