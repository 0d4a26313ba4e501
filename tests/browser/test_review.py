"""A photo in REVIEW in a real browser: it shows where to look, and both limits stand on its scale."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from detection import Prediction
from detection.photos.images import PLAIN
from inspector.inspections import claimed_batch
from inspector.inspections.submit import submit
from tests.factories import CategoryFactory, ModelVersionFactory
from tests.photos import photo, upload

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]
THRESHOLD, REVIEW_FROM, SCORE = 0.5, 0.05, 0.08
OPAQUE = """image => {
  const canvas = Object.assign(document.createElement("canvas"),
    { width: image.naturalWidth, height: image.naturalHeight });
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((value, place) => place % 4 === 3 && value > 0).length / (data.length / 4);
}"""


class Unsure:
    """Stands in for a detector that finds a faint spot, far below the threshold."""

    levels = PLAIN
    threshold = SimpleNamespace(good_scores=())

    def prepare(self, image: object) -> object:
        return image

    def predict(self, images: list[object]) -> list[Prediction]:
        faint = np.full((64, 64), REVIEW_FROM / 3, dtype=np.float32)
        faint[20:30, 30:40] = SCORE
        return [Prediction(SCORE, THRESHOLD, faint, review_from=REVIEW_FROM) for _ in images]


@pytest.fixture
def shown(open_page, person, work, monkeypatch) -> Page:
    monkeypatch.setattr(claimed_batch, "detector", lambda version: Unsure())
    scale = {"map_low": REVIEW_FROM, "map_high": 4 * THRESHOLD, "threshold": THRESHOLD}
    config = {"threshold": {"review_from": REVIEW_FROM}}
    version = ModelVersionFactory.create(category=CategoryFactory.create(slug="nut"), config=config, **scale)
    sent = submit(
        category=version.category, uploads=[upload(photo(1), "faint.png")], by=person(), source="web"
    )
    assert work() == 1
    return open_page(f"/inspections/{sent.inspections[0].pk}/")


def test_a_photo_in_review_shows_colour_and_a_line_where_to_look(shown):
    expect(shown.locator(".inspection-verdict")).to_contain_text("REVIEW")
    expect(shown.locator("ul.legend-lines")).to_contain_text("REVIEW 0.05")
    shown.get_by_role("button", name="Colour").click()
    expect(shown.locator(".legend-colours").last).to_contain_text("below 0.05, where REVIEW begins")
    coloured = shown.locator('.stage [data-layer="heatmap"]').evaluate(OPAQUE)
    assert 0.01 < coloured < 0.1, "the spot, a fortieth of the photo"


def test_both_limits_have_a_word_on_the_scale_however_far_apart_they_are(shown):
    for width in (1440, 390):
        shown.set_viewport_size({"width": width, "height": 844})
        labels = shown.locator(".scale.large .scale-label").all()
        boxes = {label.text_content(): label.bounding_box() for label in labels}
        assert list(boxes) == ["REVIEW", "2\N{MULTIPLICATION SIGN}", "5\N{MULTIPLICATION SIGN}", "ANOMALY"]
        ordered = sorted(boxes.values(), key=lambda box: box["x"])
        for left, right in itertools.pairwise(ordered):
            assert left["x"] + left["width"] < right["x"], f"words overlap at {width} px"
