"""Categories in the admin panel."""

import pytest
from django.contrib import admin
from django.contrib.messages import get_messages

from inspector.categories.models import Category
from inspector.core.models import Event
from inspector.samples.selectors import counts
from inspector.site.category_admin import CategoryAdmin
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


def test_the_list_stays_cheap(panel, django_assert_max_num_queries):
    SampleFactory.create_batch(20)
    with django_assert_max_num_queries(10):
        panel.get(CATEGORIES)


def test_it_is_registered_in_one_place():
    assert type(admin.site.get_model_admin(Category)) is CategoryAdmin
