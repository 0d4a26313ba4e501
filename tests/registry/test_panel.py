import pytest
from django.contrib.messages import get_messages

from inspector.registry.models import Standing
from inspector.registry.promote import promote
from inspector.registry.selectors import active_deployment, active_version
from inspector.registry.set_limits import set_limits
from tests.factories import ModelVersionFactory, TrainingRunFactory

pytestmark = pytest.mark.django_db
VERSIONS = "/admin/registry/modelversion/"
WHY = {"reason": "As the trial showed."}


@pytest.fixture
def panel(client_of):
    return client_of("Admin")


@pytest.fixture
def candidate():
    former = ModelVersionFactory.create(number=1, category__name="Nut")
    return ModelVersionFactory.create(
        number=2, category=former.category, standing=Standing.CANDIDATE, image_auroc=0.875
    )


def test_versions_are_compared_in_a_table_and_seen_one_by_one(panel, candidate):
    TrainingRunFactory.create(category=candidate.category, version=candidate)
    assert "0.875" in panel.get(VERSIONS).content.decode()
    page = panel.get(f"{VERSIONS}{candidate.pk}/change/").content.decode()
    assert "0.875" in page
    assert "/promote/" in page


def test_a_version_cannot_be_edited_added_or_deleted(panel, candidate):
    for address in (f"{candidate.pk}/change/", f"{candidate.pk}/delete/", "add/"):
        assert panel.post(f"{VERSIONS}{address}", {"number": 7}).status_code == 403


def test_promoting_asks_first_and_names_what_it_replaces(panel, candidate):
    page = panel.get(f"{VERSIONS}{candidate.pk}/promote/").content.decode()
    assert "Nut v2 will judge every new photo of Nut and replaces Nut v1" in page
    assert "0.875" in page
    assert active_version(candidate.category).number == 1
    assert panel.post(f"{VERSIONS}{candidate.pk}/promote/", WHY).status_code == 302
    assert active_version(candidate.category) == candidate


def test_what_somebody_promoted_meanwhile_is_not_replaced_unseen(panel, candidate):
    address = f"{VERSIONS}{candidate.pk}/promote/"
    seen = panel.get(address).context["form"]["replaces"].value()
    third = ModelVersionFactory.create(category=candidate.category, number=3, standing=Standing.CANDIDATE)
    promote(third, by=None)
    answer = panel.post(address, WHY | {"replaces": seen})
    assert "v3 is at work" in str(next(iter(get_messages(answer.wsgi_request))))
    assert active_version(candidate.category) == third


def test_going_back_says_by_which_limits(panel, candidate):
    """Those it had last, and not those of its training, which are compared."""
    active = active_deployment(candidate.category)
    limits = {"threshold": 0.25, "review_from": 0.125, "reason": "Misses", "replaces": active.pk}
    set_limits(candidate.category, **limits, by=None)
    shown = panel.get(f"{VERSIONS}{active.version_id}/change/").content.decode()
    assert "ANOMALY from 0.25 and REVIEW from 0.125" in shown, "those at work, beside those of its training"
    promote(candidate, by=None)
    page = panel.get(f"{VERSIONS}{active.version_id}/promote/").content.decode()
    assert "with ANOMALY from 0.25 and REVIEW from 0.125, the limits it had last" in page


def test_the_action_on_the_list_leads_to_the_same_question(panel, candidate):
    choose = {"action": "promote_selected", "_selected_action": [candidate.pk]}
    assert panel.post(VERSIONS, choose).url == f"{VERSIONS}{candidate.pk}/promote/"
    both = choose | {"_selected_action": [candidate.pk, candidate.pk - 1]}
    assert "Select only one version" in str(next(iter(get_messages(panel.post(VERSIONS, both).wsgi_request))))


def test_the_active_version_is_not_promoted_again(panel, candidate):
    active = active_version(candidate.category)
    assert panel.get(f"{VERSIONS}{active.pk}/promote/").status_code == 302
    answer = panel.post(f"{VERSIONS}{active.pk}/promote/", WHY)
    assert "already the active version" in str(next(iter(get_messages(answer.wsgi_request))))


def test_the_list_stays_cheap(panel, django_assert_max_num_queries):
    for _ in range(20):
        ModelVersionFactory.create()
    with django_assert_max_num_queries(10):
        panel.get(VERSIONS)
