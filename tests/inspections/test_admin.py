"""Inspections in the admin panel can be looked at, not changed, and the lists stay fast."""

import pytest
from django.urls import reverse

from inspector.core.jobs import State
from inspector.inspections.analyse import analyse_waiting
from inspector.inspections.models import Inspection, Verdict
from inspector.inspections.submit import submit
from tests.factories import BatchFactory, InspectionFactory, ModelVersionFactory
from tests.photos import photo, upload

pytestmark = pytest.mark.django_db
LIST = "/admin/inspections/inspection/"


@pytest.fixture
def panel(client_of):
    return client_of("Admin")


def shown(response) -> list[int]:
    assert response.status_code == 200
    return [row.pk for row in response.context["cl"].result_list]


def test_results_cannot_be_added_changed_or_deleted(panel):
    row = InspectionFactory.create(judged=True)
    page = f"{LIST}{row.pk}/change/"
    assert panel.get(page).status_code == 200
    for address in (f"{LIST}add/", f"{LIST}{row.pk}/delete/", "/admin/inspections/batch/add/"):
        assert panel.get(address).status_code == 403
    assert panel.post(page, {"verdict": Verdict.OK}).status_code == 403
    assert Inspection.objects.get().verdict == Verdict.ANOMALY


def test_an_inspection_shows_its_pictures_and_lends_its_photo(panel, active_version, person):
    by, category = person("Inspector"), active_version().category
    submit(category=category, uploads=[upload(photo(1))], by=by, source="web")
    analyse_waiting(category.pk)
    row = Inspection.objects.get()
    page = panel.get(f"{LIST}{row.pk}/change/").content.decode()
    lent = [
        reverse("inspections:picture", args=[row.pk, kind]) for kind in ("preview", "heatmap", "original")
    ]
    for address in lent:
        assert address in page
        assert panel.get(address).status_code == 200
    assert str(row.original) not in page, "an address in the storage leads nowhere"


def test_only_admins_enter(client_of):
    for role in ("Inspector", "QA manager"):
        assert client_of(role).get(LIST).status_code in (302, 403)


def test_found_by_number_and_by_the_beginning_of_the_hash(panel):
    one, other = InspectionFactory.create(sha256="ab" * 32), InspectionFactory.create(sha256="cd" * 32)
    assert shown(panel.get(LIST)) == [other.pk, one.pk]
    assert shown(panel.get(LIST, {"q": one.pk})) == [one.pk]
    assert shown(panel.get(LIST, {"q": "CDCD"})) == [other.pk]
    assert shown(panel.get(LIST, {"q": "cd" * 32})) == [other.pk]
    for nothing in ("ffff", "9" * 40, "no%such'thing"):
        assert shown(panel.get(LIST, {"q": nothing})) == []


def test_narrowed_by_result(panel):
    failed, judged = InspectionFactory.create(state=State.FAILED), InspectionFactory.create(judged=True)
    assert shown(panel.get(LIST, {"state__exact": "failed"})) == [failed.pk]
    assert shown(panel.get(LIST, {"verdict__exact": "ANOMALY"})) == [judged.pk]


@pytest.mark.parametrize("address", [LIST, "/admin/inspections/batch/"])
def test_queries_do_not_grow_with_the_list(panel, address, django_assert_max_num_queries):
    for _ in range(12):
        InspectionFactory.create(judged=True)
    panel.get(address)
    with django_assert_max_num_queries(12):
        assert len(shown(panel.get(address))) == 12


def test_failed_ones_are_sent_round_again(panel):
    category = ModelVersionFactory.create().category
    batch = BatchFactory.create(category=category)
    failed = InspectionFactory.create(batch=batch, state=State.FAILED, error_code="worker_lost")
    without_model = InspectionFactory.create(state=State.FAILED, error_code="no_active_version")
    waiting = InspectionFactory.create()
    selected = [failed.pk, without_model.pk, waiting.pk]
    response = panel.post(LIST, {"action": "retry_selected", "_selected_action": selected}, follow=True)
    text = response.content.decode()
    assert "1 of the selected" in text and "Train it first" in text
    failed.refresh_from_db()
    assert failed.state == State.WAITING
