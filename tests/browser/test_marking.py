"""Marking the defect: by mouse on the inspection's page, without one in the queue, and by thumb."""

import io
import os

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from detection.drawing import contours, heatmap
from inspector.core import files
from inspector.inspections.models import Inspection, Verdict
from inspector.reviews.enqueue import enqueue
from inspector.reviews.mark import mark
from inspector.reviews.masks import from_shapes
from inspector.reviews.models import Mark
from tests.factories import BatchFactory, CategoryFactory, InspectionFactory, ModelVersionFactory
from tests.photos import encoded, picture

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]
SIZE = (320, 240)
TOO_SMALL = """(buttons) => buttons
    .filter((one) => Math.min(one.offsetWidth, one.offsetHeight) < 44)
    .map((one) => one.outerHTML)"""


@pytest.fixture
def row() -> Inspection:
    """A photo in the queue whose map is above the threshold on [80:160, 100:200] (rows, columns)."""
    scale = heatmap.scale_of(0.5, 0.3)
    version = ModelVersionFactory.create(
        category=CategoryFactory.create(name="Nut"), map_low=scale.low, map_high=scale.high
    )
    scores = np.zeros(SIZE[::-1], np.float32)
    scores[70:170, 90:210], scores[80:160, 100:200] = 0.4, 0.9
    shown = files.store("inspections/1/preview.jpg", encoded(picture(1, SIZE), "JPEG"))
    found = InspectionFactory.create(
        judged=True,
        batch=BatchFactory.create(category=version.category),
        version=version,
        verdict=Verdict.REVIEW,
        review_from=0.3,
        score=0.49,
        width=SIZE[0],
        height=SIZE[1],
        original="inspections/1/original.jpg",
        preview=shown,
        thumbnail=shown,
        reconstruction="",
        heatmap=files.store("inspections/1/heatmap.png", encoded(heatmap.render(scores, scale))),
        contours=files.store("inspections/1/contours.svg", contours.render_svg(scores, scale).encode()),
    )
    enqueue([found])
    return found


def marked() -> np.ndarray:
    """Rows and columns of the newest mark, True on the defect."""
    return np.asarray(Image.open(io.BytesIO(files.read(str(Mark.objects.latest("pk").mask))))) > 0


def keep(page: Page, name: str) -> None:
    """Save a picture for people, if INSPECTOR_TEST_PICTURES names a folder for it."""
    if folder := os.environ.get("INSPECTOR_TEST_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


def test_by_mouse_outline_eraser_box_undo_and_save(open_page, row, accessibility_faults):
    page = open_page(f"/inspections/{row.pk}/", role="QA manager")
    page.get_by_role("button", name="Mark the defect").click()
    canvas = page.locator("mark-editor canvas")

    def at(x: float, y: float) -> tuple[float, float]:
        box = canvas.bounding_box()
        return box["x"] + x / SIZE[0] * box["width"], box["y"] + y / SIZE[1] * box["height"]

    page.get_by_role("button", name="ANOMALY outline").click()
    page.get_by_role("button", name="Eraser").click()
    page.mouse.move(*at(150, 60))
    page.mouse.down()
    page.mouse.move(*at(150, 180), steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Box").click()
    for corners in (((20, 20), (60, 50)), ((250, 20), (300, 50))):
        page.mouse.move(*at(*corners[0]))
        page.mouse.down()
        page.mouse.move(*at(*corners[1]), steps=3)
        page.mouse.up()
    page.get_by_role("button", name="Undo").click()
    keep(page, "mouse")
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        assert accessibility_faults(page) == [], scheme
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Keep drawing").click()
    page.get_by_role("button", name="Save the mark").click()
    expect(page.get_by_text("The mark was saved.")).to_be_visible()
    found = marked()
    assert found.shape == SIZE[::-1]
    assert found[82:158, 102:140].mean() > 0.97 and found[82:158, 160:198].mean() > 0.97, "the outline"
    assert not found[70:170, 149:152].any(), "erased"
    assert found[22:48, 22:58].all() and not found[20:50, 250:300].any(), "a box, and one undone"
    assert Mark.objects.get().tools == ["anomaly outline", "eraser", "box"]
    page.locator(".viewer").get_by_role("button", name="Mark", exact=True).click()
    expect(page.locator(".legend-mark")).to_contain_text("Marked by qa-manager")
    expect(page.locator('.viewer [data-layer="contours"]')).to_have_css("opacity", "0")
    keep(page, "saved")
    assert accessibility_faults(page) == []


def test_without_a_mouse_in_the_queue(open_page, row):
    page = open_page("/review/", role="QA manager")
    page.keyboard.press("m")
    expect(page.get_by_role("heading", name="Mark the defect")).to_be_visible()
    expect(page.get_by_role("button", name="REVIEW outline")).to_be_enabled()
    page.keyboard.press("1")
    page.keyboard.press("e")
    page.keyboard.press("Space")
    for _ in range(6):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("r")
    for name, value in (("Left", 5), ("Top", 10), ("Width", 30), ("Height", 20)):
        page.get_by_label(name, exact=True).fill(str(value))
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Add the box").press("b")
    page.keyboard.press("z")
    page.keyboard.press("y")
    page.keyboard.press("s")
    expect(page.locator(".review-card .mark-shown")).to_contain_text("Marked by qa-manager")
    found = marked()
    assert found[10:30, 5:35].all() and not found[9, 5:35].any(), "the box, to the pixel"
    assert not found[119:122, 162:205].any() and found[75:110, 95:200].mean() > 0.97
    expect(page.get_by_role("button", name="Change the mark")).to_be_focused()
    page.keyboard.press("m")
    expect(page.get_by_text("The saved mark was loaded.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("mark-editor dialog")).to_be_hidden()
    assert page.locator("[data-card]:visible").count() == 1, "no key of it decided"


def test_by_thumb_what_is_there_is_loaded_and_leaving_asks(open_page, row, person, accessibility_faults):
    mark(row, from_shapes([], [(50, 50, 60, 40)], SIZE), by=person("QA manager"))
    page = open_page(f"/inspections/{row.pk}/", role="QA manager", phone=True)
    page.get_by_role("button", name="Change the mark").tap()
    expect(page.get_by_text("The saved mark was loaded.")).to_be_visible()
    small = page.locator("mark-editor button:visible").evaluate_all(TOO_SMALL)
    assert small == []
    box = page.locator("mark-editor canvas").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.5)
    keep(page, "phone")
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="Cancel").tap()
    page.get_by_role("button", name="Discard it").tap()
    expect(page.locator("mark-editor dialog")).to_be_hidden()
    page.get_by_role("button", name="Change the mark").tap()
    expect(page.get_by_text("The saved mark was loaded.")).to_be_visible()
    page.touchscreen.tap(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.5)
    page.get_by_role("button", name="Save").tap()
    expect(page.get_by_text("The mark was saved.")).to_be_visible()
    found = marked()
    assert found[52:88, 52:108].all() and found[120, 256] and not found[120, 200]
