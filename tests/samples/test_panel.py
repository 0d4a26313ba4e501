"""Samples in the admin panel."""

import pytest

from inspector.samples.models import Sample
from tests.factories import CategoryFactory, SampleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def panel(client_of):
    return client_of("Admin")


def test_samples_are_seen_and_removed(panel):
    keep, remove = SampleFactory.create_batch(2, category=CategoryFactory.create())
    assert panel.get(f"/admin/samples/sample/{keep.pk}/change/").status_code == 200
    asked = {"action": "remove_selected", "_selected_action": [remove.pk]}
    page = panel.post("/admin/samples/sample/", asked).content.decode()
    assert "Remove 1 sample" in page and remove.category.name in page and "bg-red-600" in page
    assert Sample.objects.count() == 2
    panel.post("/admin/samples/sample/", asked | {"confirmed": "1", "reason": "Blurred."})
    assert list(Sample.objects.all()) == [keep]


def test_the_list_stays_cheap(panel, django_assert_max_num_queries):
    SampleFactory.create_batch(20)
    with django_assert_max_num_queries(10):
        panel.get("/admin/samples/sample/")


def test_where_samples_were_leads_to_where_they_are(panel):
    answer = panel.get("/admin/categories/sample/?split__exact=test")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/samples/sample/?split__exact=test")
    assert panel.get("/admin/categories/sample/7/change/")["Location"] == "/admin/samples/sample/7/change/"
