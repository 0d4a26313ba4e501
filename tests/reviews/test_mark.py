"""Marks: where a person sees the defect. Who may, what is refused, what is kept, and the samples' masks."""

import hashlib
import io
import json

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from detection.drawing import heatmap
from detection.drawing.outlines import polygons, render_svg
from detection.photos import masks as sample_masks
from inspector.core import files
from inspector.core.models import Event
from inspector.inspections.models import Verdict
from inspector.reviews import masks
from inspector.reviews.decide import Finding, decide
from inspector.reviews.mark import mark
from inspector.reviews.marks import counting_mark, standing_mark
from inspector.reviews.models import Mark, SentSample
from inspector.reviews.send import send_to_samples
from inspector.samples.models import Sample
from tests.factories import BatchFactory, CategoryFactory, InspectionFactory, ModelVersionFactory
from tests.photos import encoded, lying_on_its_side, photo

pytestmark = pytest.mark.django_db
SIZE = (64, 48)


def white(*boxes: tuple[int, int, int, int], size: tuple[int, int] = SIZE, mode: str = "L") -> Image.Image:
    """Black, and white in boxes of left, top, right, bottom."""
    mask = Image.new(mode, size)
    for box in boxes:
        mask.paste(Image.new("L", (box[2] - box[0], box[3] - box[1]), 255).convert(mode), box[:2])
    return mask


def as_file(content: bytes, name: str = "mask.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")


@pytest.fixture
def judged():
    """A judged ANOMALY with its photo in storage."""
    category = CategoryFactory.create(slug="nut", name="Nut")
    version = ModelVersionFactory.create(category=category)

    def make(content: bytes = b"", size: tuple[int, int] = SIZE, **values):
        content = content or photo()
        number = InspectionFactory._meta.model.objects.count()
        return InspectionFactory.create(
            judged=True,
            batch=BatchFactory.create(category=category),
            version=version,
            width=size[0],
            height=size[1],
            sha256=hashlib.sha256(content).hexdigest(),
            original=files.store(f"inspections/{number}/original.png", content),
            preview=files.store(f"inspections/{number}/preview.jpg", content),
            **values,
        )

    return make


@pytest.fixture
def qa(person):
    return person("QA manager")


def stored(made: Mark) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(files.read(str(made.mask)))))


def address(row) -> str:
    return f"/api/inspections/{row.pk}/mark/"


def test_a_mask_a_polygon_and_a_box_are_kept_at_the_photos_size(judged, api_of):
    row, client = judged(), api_of("QA manager")
    assert client.get(address(row)).status_code == 404
    sent = {"mask": as_file(encoded(white((10, 5, 20, 15)))), "seen": ""}
    answer = client.post(address(row), sent, format="multipart")
    assert answer.status_code == 201, answer.json()
    assert answer.json()["share"] == pytest.approx(100 / (64 * 48)) and answer.json()["tools"] == ["mask"]
    assert np.array_equal(stored(Mark.objects.get()), np.asarray(white((10, 5, 20, 15))))
    picture = client.get(answer.json()["mask"])
    assert picture["Content-Type"] == "image/png"
    shapes = {"polygons": [[[0, 0], [64, 0], [0, 24]]], "boxes": [[40, 30, 10, 8]]}
    answer = client.post(address(row), shapes, format="json")
    assert answer.json()["tools"] == ["polygon", "box"]
    marked = stored(standing_mark(row))
    assert marked.shape == (48, 64) and marked[30:38, 40:50].all() and not marked[29, 40:50].any()
    assert marked[2, 2] and not marked[40, 10]
    assert client.get(address(row)).json()["id"] == answer.json()["id"]
    told = Event.objects.filter(kind="review.marked").order_by("pk")
    assert [event.subject_id for event in told] == [row.pk, row.pk] and told[0].actor.username == "qa-manager"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"no picture", "cannot be read as PNG"),
        (photo(image_format="JPEG"), "cannot be read as PNG"),
        (encoded(white((1, 1, 9, 9)))[:60], "cannot be read as PNG"),
        (encoded(white((1, 1, 9, 9), size=(48, 64))), "this one has 48"),
        (encoded(white()), "Nothing is marked"),
        (encoded(Image.new("RGBA", SIZE, (255, 255, 255, 0))), "Nothing is marked"),
        (encoded(Image.new("L", SIZE, 255)), "The whole photo is marked"),
        (b"\x89PNG" + bytes(masks.MAX_BYTES), "larger than 16 MB"),
    ],
    ids=["text", "jpeg", "cut", "turned", "black", "transparent", "white", "large"],
)
def test_what_is_no_mask_is_refused(judged, api_of, content, words):
    row = judged()
    answer = api_of("QA manager").post(address(row), {"mask": as_file(content)}, format="multipart")
    assert answer.status_code == 400 and words in answer.json()["error"]["message"]
    assert not Mark.objects.exists() and not Event.objects.filter(kind="review.marked").exists()


@pytest.mark.parametrize(
    "shapes",
    [
        {},
        {"polygons": [[[1, 1], [5, 5]]]},
        {"polygons": [[[1, 1], [5, 5], [65, 2]]]},
        {"polygons": [[[1, 1, 1], [5, 5, 5], [6, 2, 1]]]},
        {"boxes": [[60, 1, 10, 4]]},
        {"boxes": [[1, 1, -4, 4]]},
        {"boxes": [[float("nan"), 1, 4, 4]]},
        {"boxes": "all"},
        {"polygons": [[[1, 1]] * 20_001]},
        {"boxes": [[0, 0, 64, 48]]},
    ],
)
def test_shapes_outside_of_the_photo_or_without_area_are_refused(judged, api_of, shapes):
    row, body = judged(), json.dumps(shapes)
    answer = api_of("QA manager").post(address(row), body, content_type="application/json")
    assert answer.status_code == 400 and not Mark.objects.exists()


def test_who_may_mark_and_what_can_be_marked(judged, api_of, qa):
    row, inspector = judged(), api_of("Inspector")
    box = {"boxes": [[1, 1, 4, 4]]}
    answer = inspector.post(address(row), box, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "may_not_decide")
    client = api_of("QA manager")
    assert client.post("/api/inspections/999999/mark/", box, format="json").status_code == 404
    review = decide(row, Finding("good"), by=qa)
    answer = client.post(address(row), box, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "decided_good")
    gone = judged(photo(2))
    files.delete([str(gone.preview)])
    answer = client.post(address(gone), box, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "no_photo")
    answer = client.post(address(InspectionFactory.create()), box, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "no_verdict")
    assert review.decision == "good" and not Mark.objects.exists()


def test_the_newest_counts_until_it_is_withdrawn(judged, api_of, qa, person):
    row, other = judged(), person("Admin")
    first = mark(row, white((1, 1, 9, 9)), by=qa, tools=["brush"])
    assert mark(row, white((1, 1, 9, 9)), by=qa) == first, "sent twice, taken once"
    client = api_of("QA manager")
    answer = client.post(address(row), {"boxes": [[1, 1, 4, 4]], "seen": None}, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "marked_meanwhile")
    second = mark(row, white((2, 2, 9, 9)), by=other, seen=first.pk)
    assert standing_mark(row) == second
    path = f"/api/marks/{second.pk}/withdraw/"
    assert client.post(path, {}, format="json").status_code == 403, "another's"
    assert api_of("Admin").post(path, {}, format="json").json()["withdrawal"]["person"] == "admin"
    assert api_of("Admin").post(path, {}, format="json").status_code == 409
    assert standing_mark(row) is None, "none of before comes back"
    third = mark(row, white((3, 3, 9, 9)), by=qa, seen=None)
    assert counting_mark(row) == third
    decide(row, Finding("good"), by=qa)
    assert counting_mark(row) is None and standing_mark(row) == third


def test_what_another_marked_is_withdrawn_with_the_password(judged, qa, client_of, settings):
    settings.CONFIRM_PASSWORD = True
    made = mark(judged(), white((1, 1, 9, 9)), by=qa)
    where = reverse("reviews:withdraw-mark", args=[made.pk])
    page = client_of("Admin").post(where, {"reason": "Only dust"}, follow=True).content.decode()
    assert "Nothing was changed" in page and standing_mark(made.inspection) == made
    client_of("QA manager").post(where)
    assert standing_mark(made.inspection) is None, "one's own"


def test_what_the_page_draws_is_enlarged_to_the_photo(judged, client_of):
    row = judged(size=(4000, 3000), verdict=Verdict.REVIEW)
    drawn = white((400, 300, 800, 600), size=(1600, 1200)).convert("RGBA")
    drawn.putalpha(drawn.convert("L"))  # as a canvas is: transparent where nothing is drawn
    where = reverse("reviews:mark", args=[row.pk])
    sent = {"mask": as_file(encoded(drawn)), "tools": "brush,box", "seen": ""}
    answer = client_of("QA manager").post(where, sent)
    assert answer.status_code == 201 and "Marked by" in answer.content.decode()
    marked = stored(Mark.objects.get())
    assert marked.shape == (3000, 4000) and marked[760:1490, 1010:1990].all()
    assert marked.mean() / 255 == pytest.approx(1 / 16, rel=0.01)
    drawn = white((9, 9, 99, 99), size=(1600, 1200))
    sent |= {"mask": as_file(encoded(drawn))}
    assert client_of("QA manager").post(where, sent | {"seen": "999"}).status_code == 409
    assert client_of("QA manager").post(where, {}).status_code == 400
    wrong = {"mask": as_file(encoded(drawn)), "tools": "chisel"}
    assert client_of("QA manager").post(where, wrong).status_code == 400
    assert client_of("Inspector").post(where, sent).status_code == 403


def test_a_photo_that_lies_on_its_side_is_marked_as_it_is_shown(judged, qa):
    content = lying_on_its_side()
    upright = Image.open(io.BytesIO(content)).size[::-1]
    row = judged(content, size=upright)
    made = mark(row, masks.from_shapes([], [(0, 0, 5, 9)], upright), by=qa)
    decide(row, Finding("defective", "Scratch"), by=qa)
    [sample] = send_to_samples([row], by=qa).samples
    read = sample_masks.full(files._local_path(str(sample.mask)))
    assert read.shape == upright[::-1] == (sample.height, sample.width)
    assert np.array_equal(read, stored(made) > 0)


def test_the_mask_goes_to_the_samples_with_its_photo_or_later(judged, qa):
    row = judged()
    mark(row, white((1, 1, 9, 9)), by=qa)
    decide(row, Finding("defective", "Scratch"), by=qa)
    [sample] = send_to_samples([row], by=qa).samples
    assert np.array_equal(
        np.asarray(Image.open(io.BytesIO(files.read(str(sample.mask))))), white((1, 1, 9, 9))
    )
    assert send_to_samples([row], by=qa).duplicates == [row]
    before = str(sample.mask)
    second = mark(row, white((2, 2, 9, 9)), by=qa)
    assert send_to_samples([row], by=qa).words == "0 sent to the samples, 1 with another mask."
    sample.refresh_from_db()
    assert str(sample.mask) != before and files.exists(before), "snapshots of former runs name it"
    assert SentSample.objects.get().mark == second
    assert Event.objects.filter(kind="review.sent_mask").count() == 1


def test_a_mask_of_its_own_stays(judged, qa):
    row = judged()
    decide(row, Finding("defective", "Scratch"), by=qa)
    send_to_samples([row], by=qa)
    Sample.objects.update(mask="samples/nut/masks/own.png")
    mark(row, white((1, 1, 9, 9)), by=qa)
    assert send_to_samples([row], by=qa).duplicates == [row]
    assert Sample.objects.get().mask == "samples/nut/masks/own.png" and SentSample.objects.get().mark is None


def test_the_outlines_of_a_map_are_where_it_reaches_the_limits(judged, api_of):
    row = judged(review_from=0.3)
    scale = heatmap.scale_of(0.5, 0.3)
    type(row.version).objects.filter(pk=row.version_id).update(map_low=scale.low, map_high=scale.high)
    scores = np.zeros((48, 64), np.float32)
    scores[10:30, 0:40], scores[15:25, 10:20] = 0.4, 0.9
    row.heatmap = files.store("inspections/0/heatmap.png", encoded(heatmap.render(scores, scale)))
    row.save()
    found = api_of("Inspector").get(f"/api/inspections/{row.pk}/outlines/").json()
    for name, level in (("review", 0.3), ("anomaly", 0.5)):
        [ring] = found[name]
        drawn = np.asarray(masks.from_shapes([ring], [], SIZE)) > 0
        assert (drawn != (scores >= level)).sum() <= 0.02 * drawn.size, name
    row.heatmap = "gone.png"
    row.save()
    nothing = api_of("Inspector").get(f"/api/inspections/{row.pk}/outlines/")
    assert nothing.json() == {"review": [], "anomaly": []}


def test_outlines_close_along_the_border_and_stay_small():
    field = np.zeros((20, 30))
    field[5:15, 20:] = 1
    [ring] = polygons(field, 0.5)
    assert ring[0].tolist() == ring[-1].tolist() and ring[:, 0].max() == 1.0
    noise = np.random.default_rng(1).random((900, 1200)) > 0.5
    assert len(render_svg(Image.fromarray(noise.astype(np.uint8) * 255))) < 400_000
    assert render_svg(white((5, 5, 6, 6), size=(4000, 3000))).count("M") > 2, "one pixel is seen"
