import pytest
from rest_framework.test import APIClient

from inspector.core.roles import Role
from inspector.registry.models import Standing
from inspector.registry.selectors import active_deployment
from tests.factories import ModelVersionFactory

pytestmark = pytest.mark.django_db
WHY = {"reason": "As the trial showed."}


@pytest.fixture
def candidate():
    return ModelVersionFactory.create(number=2, standing=Standing.CANDIDATE, metrics={"judged_by": "folds"})


@pytest.mark.parametrize(
    ("role", "read", "promote"),
    [(None, 401, 401), (Role.INSPECTOR, 200, 403), (Role.QA_MANAGER, 200, 403), (Role.ADMIN, 200, 200)],
)
def test_who_may_what(api_of, candidate, role, read, promote):
    api = api_of(role) if role else APIClient()
    assert api.get("/api/versions/").status_code == read
    assert api.get(f"/api/versions/{candidate.pk}/").status_code == read
    answer = api.post(f"/api/versions/{candidate.pk}/promote/", WHY)
    assert answer.status_code == promote
    if promote != 200:
        assert set(answer.json()["error"]) == {"code", "message"}


def test_promoting_and_promoting_again(api_of, candidate, person):
    api = api_of("Admin")
    answer = api.post(f"/api/versions/{candidate.pk}/promote/", WHY).json()
    assert (answer["standing"], answer["promoted_by"], answer["category"]) == (
        "active",
        "admin",
        candidate.category.slug,
    )
    again = api.post(f"/api/versions/{candidate.pk}/promote/", WHY)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "already_active")
    assert api.post("/api/versions/999999/promote/").status_code == 404


def test_a_client_may_say_what_it_replaces(api_of, candidate):
    api, address = api_of("Admin"), f"/api/versions/{candidate.pk}/promote/"
    in_use = ModelVersionFactory.create(category=candidate.category, number=1, stored=True)
    at_work = active_deployment(in_use.category)
    for other in (None, at_work.pk + 1):
        refused = api.post(address, WHY | {"replaces": other}, format="json")
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "changed_meanwhile")
    assert "v1 is at work" in refused.json()["error"]["message"]
    assert api.post(address, WHY | {"replaces": 0}, format="json").status_code == 400
    assert api.post(address, WHY | {"replaces": at_work.pk}, format="json").status_code == 200


def test_versions_of_one_category_newest_first_at_constant_cost(
    api_of, candidate, django_assert_max_num_queries
):
    for n in range(10):
        ModelVersionFactory.create(category=candidate.category, number=10 + n, standing=Standing.RETIRED)
    ModelVersionFactory.create()
    api = api_of("QA manager")
    with django_assert_max_num_queries(6):
        rows = api.get("/api/versions/", {"category": candidate.category.slug}).json()["results"]
    assert [row["number"] for row in rows] == [*range(19, 9, -1), 2]
    assert rows[-1]["metrics"] == {"judged_by": "folds"}


def test_metrics_are_for_those_who_may_see_them(api_of, candidate):
    """As on the version's page."""
    address = f"/api/versions/{candidate.pk}/"
    assert api_of("QA manager").get(address).json()["image_auroc"] == 0.97
    told = api_of("Inspector").get(address).json()
    assert {told[name] for name in ("image_auroc", "f1", "precision", "recall")} == {None}
    assert (told["metrics"], told["config"], told["threshold"]) == ({}, {}, 0.5)
