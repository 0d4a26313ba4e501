import pytest
from django.contrib.messages import get_messages

from inspector.categories.models import Category
from inspector.core.models import Event
from inspector.samples.models import Sample
from inspector.samples.selectors import counts
from tests.factories import CategoryFactory, SampleFactory
from tests.photos import photo, upload

pytestmark = pytest.mark.django_db
CATEGORIES = "/admin/categories/category/"


@pytest.fixture
def panel(client_of):
    return client_of("Admin")


def told(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_a_category_is_made_and_described(panel, person):
    assert panel.post(f"{CATEGORIES}add/", {"name": "Hex nut", "description": "M8"}).status_code == 302
    category = Category.objects.get(slug="hex-nut")
    change = panel.post(f"{CATEGORIES}{category.pk}/change/", {"name": "Nut", "description": "", "slug": "x"})
    assert change.status_code == 302
    category.refresh_from_db()
    assert (category.name, category.slug) == ("Nut", "hex-nut")
    assert set(Event.objects.values_list("actor__username", flat=True)) >= {"admin"}


def test_a_name_that_is_taken_is_told_beside_the_field(panel):
    CategoryFactory.create(slug="hex-nut")
    answer = panel.post(f"{CATEGORIES}add/", {"name": "Hex nut", "description": "long"})
    assert answer.status_code == 200
    assert "already" in answer.content.decode()


def test_a_name_that_looks_like_another_leads_to_it(panel):
    nut, bolt = CategoryFactory.create(name="Hex nut"), CategoryFactory.create(name="Bolt")
    for address in ("add", f"{bolt.pk}/change"):
        answer = panel.post(f"{CATEGORIES}{address}/", {"name": "hex  NUT", "description": ""})
        assert answer.status_code == 200
        assert f'href="{CATEGORIES}{nut.pk}/change/">Open Hex nut</a>' in answer.content.decode()


def test_a_category_is_never_deleted(panel):
    category = CategoryFactory.create()
    assert panel.post(f"{CATEGORIES}{category.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in panel.get(CATEGORIES).content.decode()


def test_many_photos_are_added_to_a_split_and_label(panel):
    category = CategoryFactory.create()
    address = f"{CATEGORIES}{category.pk}/add-photos/"
    assert panel.get(address).status_code == 200
    photos = [upload(photo(1), "a.png"), upload(photo(2), "b.png"), upload(b"", "empty.png")]
    answer = panel.post(address, {"split": "test", "label": "scratch", "images": photos})
    assert answer.status_code == 302
    assert counts(category) == [{"split": "test", "label": "scratch", "n": 2}]
    assert any("empty.png" in message for message in told(answer))


def test_what_is_refused_is_told_on_the_page(panel):
    address = f"{CATEGORIES}{CategoryFactory.create().pk}/add-photos/"
    answer = panel.post(address, {"split": "train", "label": "scratch", "images": [upload()]})
    assert answer.status_code == 200
    assert "Training samples are photos of good parts" in answer.content.decode()


def test_samples_are_seen_and_removed(panel):
    keep, remove = SampleFactory.create_batch(2, category=CategoryFactory.create())
    assert panel.get(f"/admin/samples/sample/{keep.pk}/change/").status_code == 200
    asked = {"action": "remove_selected", "_selected_action": [remove.pk]}
    page = panel.post("/admin/samples/sample/", asked).content.decode()
    assert "Remove 1 sample" in page and remove.category.name in page and "bg-red-600" in page
    assert Sample.objects.count() == 2
    panel.post("/admin/samples/sample/", asked | {"confirmed": "1", "reason": "Blurred."})
    assert list(Sample.objects.all()) == [keep]


def test_the_lists_stay_cheap(panel, django_assert_max_num_queries):
    for _ in range(20):
        SampleFactory.create()
    with django_assert_max_num_queries(10):
        panel.get(CATEGORIES)
    with django_assert_max_num_queries(10):
        panel.get("/admin/samples/sample/")


def test_where_samples_were_leads_to_where_they_are(panel):
    answer = panel.get("/admin/categories/sample/?split__exact=test")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/samples/sample/?split__exact=test")
    assert panel.get("/admin/categories/sample/7/change/")["Location"] == "/admin/samples/sample/7/change/"
