"""Browsing, adding and removing samples."""

import io

import pytest
from PIL import Image

from inspector.core import files
from inspector.core.roles import Role
from inspector.samples.add_samples import add_samples
from inspector.samples.browse import PAGE_SIZE
from inspector.samples.models import Sample
from tests.factories import CategoryFactory, SampleFactory
from tests.photos import encoded, photo, upload
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db


@pytest.fixture
def category():
    return CategoryFactory.create(slug="nut", name="Nut")


@pytest.fixture
def sample(category):
    """A real photo of 64 x 48 px with a defect in its upper left."""
    found = add_samples(category, [upload(photo(broken=True), "a.png")], split="test", label="blot", by=None)
    (sample,) = found.samples
    sample = Sample.objects.get(sha256=sample.sha256)
    mask = Image.new("L", (64, 48))
    mask.paste(255, (8, 8, 24, 24))
    sample.mask = files.store("samples/nut/masks/a.png", encoded(mask))
    sample.save()
    return sample


def body(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def opened(response):
    assert response.status_code == 200
    return Image.open(io.BytesIO(b"".join(response.streaming_content)))


# --- Who sees what ---------------------------------------------------------------------------
def test_who_sees_what(client_of, sample):
    for kind in ("", "image/", "thumbnail/", "preview/", "outline/"):
        assert answers(client_of, f"/samples/{sample.pk}/{kind}") == ALL
    assert answers(client_of, "/categories/nut/samples/") == ALL
    for role in (Role.INSPECTOR, Role.QA_MANAGER):
        assert client_of(role).post("/categories/nut/samples/add/").status_code == 403
        assert client_of(role).post(f"/samples/{sample.pk}/remove/").status_code == 403


def test_what_is_not_there(client_of, category):
    browser = client_of(Role.ADMIN)
    for address in ("/categories/bolt/samples/", "/samples/7/", "/samples/7/image/", "/samples/7/thumbnail/"):
        assert browser.get(address).status_code == 404


# --- Looking ---------------------------------------------------------------------------------
def test_filters_live_in_the_address(client_of, category, sample):
    SampleFactory.create(category=category, filename="good.png")
    page = body(client_of().get("/categories/nut/samples/?split=test&label=blot"))
    assert "a.png" in page
    assert "Outline the defects" in page
    assert "good.png" not in page
    assert "Nothing has this split" in body(client_of().get("/categories/nut/samples/?split=test&label=no"))


def test_pages_by_key(client_of, category, django_assert_max_num_queries):
    SampleFactory.create_batch(2 * PAGE_SIZE + 1, category=category)
    browser = client_of()
    browser.get("/categories/nut/samples/")
    ids, address = [], ""
    while address is not None:
        with django_assert_max_num_queries(8):
            response = browser.get(f"/categories/nut/samples/{address}")
        page = response.context["page"]
        ids += [sample.pk for sample in page.rows]
        address = f"?after={page.newer}" if page.newer else None
    assert ids == sorted(category.samples.values_list("pk", flat=True))
    back = browser.get(f"/categories/nut/samples/?before={page.older}").context["page"]
    assert len(back.rows) == PAGE_SIZE
    assert back.older and back.newer


def test_small_pictures_are_made_once(client_of, sample, media):
    browser = client_of()
    assert opened(browser.get(f"/samples/{sample.pk}/thumbnail/")).size == (64, 48)
    made = media / "samples/nut/thumbnails" / f"{sample.sha256}.jpg"
    before = made.stat().st_mtime_ns
    assert "immutable" in browser.get(f"/samples/{sample.pk}/thumbnail/")["Cache-Control"]
    assert made.stat().st_mtime_ns == before


def test_the_outline_lies_where_the_defect_is(client_of, sample):
    layer = opened(client_of().get(f"/samples/{sample.pk}/outline/"))
    assert layer.mode == "RGBA"
    alpha = layer.getchannel("A")
    assert alpha.getpixel((60, 40)) == 0
    assert 0 < alpha.getpixel((16, 16)) < alpha.getpixel((7, 16))


def test_a_sample_that_cannot_be_read_does_no_harm(client_of, category):
    broken = SampleFactory.create(category=category)
    browser = client_of()
    assert browser.get(f"/samples/{broken.pk}/thumbnail/").status_code == 404
    assert browser.get(f"/samples/{broken.pk}/outline/").status_code == 404
    files.store(broken.image.name, b"no image")
    assert browser.get(f"/samples/{broken.pk}/preview/").status_code == 404


def test_from_one_sample_to_the_next_of_its_label(client_of, category):
    first, other, second = (SampleFactory.create(category=category, filename=f"{n}.png") for n in range(3))
    Sample.objects.filter(pk=other.pk).update(split="test")
    page = body(client_of().get(f"/samples/{first.pk}/"))
    assert f"/samples/{second.pk}/" in page
    assert f"/samples/{other.pk}/" not in page


# --- Adding and removing ---------------------------------------------------------------------
def test_photos_sent_by_script_answer_as_json(client_of, category):
    admin = client_of(Role.ADMIN)
    sent = {"split": "train", "label": "good", "images": [upload(photo(1), "1.png"), upload(b"x", "2.png")]}
    answer = admin.post("/categories/nut/samples/add/", sent, headers={"Accept": "application/json"}).json()
    assert answer["added"] == 1
    assert answer["duplicates"] == []
    assert answer["rejected"][0]["filename"] == "2.png"
    again = {"split": "train", "label": "good", "images": [upload(photo(1), "1.png")]}
    answer = admin.post("/categories/nut/samples/add/", again, headers={"Accept": "application/json"}).json()
    assert answer["duplicates"] == ["1.png"]
    bad = {"split": "train", "label": "rust", "images": [upload(photo(2), "3.png")]}
    response = admin.post("/categories/nut/samples/add/", bad, headers={"Accept": "application/json"})
    assert response.status_code == 400
    assert "photos of good parts" in response.json()["error"]["message"]


def test_photos_sent_by_a_plain_form_answer_with_messages(client_of, category):
    sent = {"split": "test", "label": "rust", "images": [upload(photo(1), "1.png"), upload(b"x", "2.png")]}
    page = body(client_of(Role.ADMIN).post("/categories/nut/samples/add/", sent, follow=True))
    assert page.count('data-tone="warn"') == 2  # and the one that waits for a lost connection
    assert "1 added, 1 refused." in page
    assert "2.png: " in page
    assert "1.png" in page


@pytest.mark.parametrize(
    ("sent", "field", "told"),
    [
        ({"split": "train", "label": "good"}, "images", "Choose one or more photos."),
        ({"split": "train", "label": "rust", "images": True}, "label", "photos of good parts"),
        ({"split": "x", "label": "good", "images": True}, "split", "no split"),
    ],
)
def test_without_a_script_what_is_wrong_is_beside_its_field(client_of, category, sent, field, told):
    if "images" in sent:
        sent = sent | {"images": [upload()]}
    response = client_of(Role.ADMIN).post("/categories/nut/samples/add/", sent)
    assert response.status_code == 400
    (error,) = response.context["form"].errors[field]
    assert told in error
    page = response.content.decode()
    assert "There is a problem" in page
    assert f'id="id_{field}_error"' in page


def test_removing_a_sample(client_of, sample):
    response = client_of(Role.ADMIN).post(
        f"/samples/{sample.pk}/remove/", {"reason": "Blurred."}, follow=True
    )
    assert "a.png was removed" in body(response)
    assert not Sample.objects.exists()
