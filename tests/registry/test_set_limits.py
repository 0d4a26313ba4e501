"""Other limits for the version at work: by whom, why, and what is refused."""

from threading import Barrier, Thread

import pytest
from django.db import connection
from rest_framework.test import APIClient

from inspector.core.errors import Conflict, Refused
from inspector.core.models import Event
from inspector.core.roles import Role
from inspector.core.trail import detail_in_words
from inspector.registry.events import VersionEvent
from inspector.registry.models import Change, Deployment, Standing
from inspector.registry.promote import promote
from inspector.registry.selectors import active_deployment, shadow_deployments
from inspector.registry.set_limits import set_limits
from tests.factories import CategoryFactory, DeploymentFactory, ModelVersionFactory

pytestmark = pytest.mark.django_db
BETTER = {"threshold": 0.8, "review_from": 0.2, "reason": "Too many false alarms"}


@pytest.fixture
def version():
    """ANOMALY from 0.5, REVIEW from 0.4, its colours from there."""
    category = CategoryFactory.create(slug="nut", name="Nut")
    config = {"threshold": {"review_from": 0.4, "policy": "limits"}}
    return ModelVersionFactory.create(
        category=category, number=1, config=config, map_low=0.4, map_high=2.0, stored=True
    )


@pytest.fixture
def change(version, person):
    def make(**values):
        replaces = active_deployment(version.category).pk
        values = BETTER | {"replaces": replaces, "by": person(Role.ADMIN)} | values
        return set_limits(version.category, **values)

    return make


def test_a_new_deployment_takes_over(version, change, person):
    former = active_deployment(version.category)
    found = change()
    former.refresh_from_db()
    assert (found.version, found.by, found.reason) == (version, person(Role.ADMIN), BETTER["reason"])
    assert (found.threshold, found.review_from, found.policy) == (0.8, 0.2, "manual")
    assert (found.change, found.since, found.until) == (Change.LIMITS, former.until, None)
    assert (former.threshold, former.review_from) == (0.5, 0.4), "what was stays as it was"
    assert active_deployment(version.category) == found
    detail = Event.objects.get(kind=VersionEvent.LIMITS_CHANGED).detail
    assert (detail["former_threshold"], detail["threshold"]) == (0.5, 0.8)


def test_the_version_stays_promoted_by_whom_and_when_it_was(version, change):
    before = ModelVersionFactory._meta.model.objects.with_standing().get(pk=version.pk)
    change()
    after = ModelVersionFactory._meta.model.objects.with_standing().get(pk=version.pk)
    assert (after.standing, after.promoted, after.promoted_by) == ("active", before.promoted, None)


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ({}, 0.2, 3.2),
        ({"review_from": None}, 0.4, 3.2),
        ({"review_from": None, "threshold": 0.3}, 0.3, 1.2),
        ({"review_from": 0.8}, 0.8, 3.2),
    ],
)
def test_colours_begin_where_review_does(change, values, low, high):
    found = change(**values)
    assert (found.map_low, found.map_high) == pytest.approx((low, high))


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"threshold": float("nan")}, "threshold", "above 0"),
        ({"threshold": float("inf")}, "threshold", "above 0"),
        ({"threshold": 0.0, "review_from": None}, "threshold", "above 0"),
        ({"threshold": -1.0}, "threshold", "above 0"),
        ({"threshold": 1e300}, "threshold", "to 1e+30"),
        ({"review_from": -0.1}, "review_from", "above 0"),
        ({"review_from": 0.9}, "review_from", "cannot begin above ANOMALY"),
        ({"reason": "  "}, "reason", "Say why"),
        ({"reason": "x" * 501}, "reason", "at most 500"),
        ({"threshold": 0.5, "review_from": 0.4}, "threshold", "already"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(change, values, field, said):
    with pytest.raises(Refused) as refused:
        change(**values)
    assert (refused.value.code, refused.value.status) == ("invalid_limits", 400)
    assert list(refused.value.fields) == [field]
    assert said in refused.value.fields[field][0]
    assert Deployment.objects.count() == 1


def test_nobody_s_change_is_lost_unseen(version, change):
    seen = active_deployment(version.category)
    change(threshold=0.7)
    with pytest.raises(Conflict) as refused:
        change(replaces=seen.pk)
    assert refused.value.code == "changed_meanwhile"
    assert "Changed meanwhile by admin on " in refused.value.message
    assert "v1 is at work, with ANOMALY from 0.7 and REVIEW from 0.2" in refused.value.message


def test_a_promotion_meanwhile_is_not_lost_unseen(version, change):
    seen = active_deployment(version.category)
    promote(ModelVersionFactory.create(category=version.category, number=2, standing="candidate"), by=None)
    with pytest.raises(Conflict) as refused:
        change(replaces=seen.pk)
    assert "by the system" in refused.value.message
    assert "v2 is at work" in refused.value.message


def test_without_a_version_at_work_there_are_no_limits(person):
    with pytest.raises(Conflict) as refused:
        set_limits(CategoryFactory.create(), **BETTER, replaces=1, by=person(Role.ADMIN))
    assert refused.value.code == "no_active_version"


def test_unstable_verdicts_are_review_from_then_on_also_by_another_version(version, change, person):
    """That alone is no other limit: policy and colours stay."""
    before = active_deployment(version.category)
    same = {"threshold": before.threshold, "review_from": before.review_from}
    now = change(**same, review_unstable=True)
    assert (now.review_unstable, now.policy, now.map_low) == (True, before.policy, before.map_low)
    event = Event.objects.get(kind=VersionEvent.LIMITS_CHANGED)
    assert "and where a verdict is unstable" in detail_in_words(event.kind, event.detail)
    assert change(threshold=0.9).review_unstable, "left as it is where nobody says anything"
    other = ModelVersionFactory.create(category=version.category, number=2, standing=Standing.CANDIDATE)
    promote(other, by=person(Role.ADMIN), reason="Better")
    assert active_deployment(version.category).review_unstable


def test_rolling_back_brings_back_the_limits_it_had(version, change):
    change()
    newer = ModelVersionFactory.create(category=version.category, number=2, standing=Standing.CANDIDATE)
    promote(newer, by=None)
    assert active_deployment(version.category).threshold == newer.threshold
    promote(version, by=None)
    found = active_deployment(version.category)
    assert (found.change, found.threshold, found.review_from) == (Change.ROLLBACK, 0.8, 0.2)


def test_one_version_may_judge_several_categories(version):
    other = CategoryFactory.create()
    found = DeploymentFactory.create(version=version, category=other, threshold=0.9)
    assert active_deployment(other) == found
    assert active_deployment(version.category).threshold == 0.5


def test_a_shadow_stands_beside_the_active_one(version):
    shadow = DeploymentFactory.create(
        version=ModelVersionFactory.create(category=version.category, number=2, standing="candidate"),
        kind="shadow",
    )
    assert list(shadow_deployments(version.category)) == [shadow]
    assert active_deployment(version.category).version == version
    assert shadow.version.standing == Standing.CANDIDATE, "nobody has acted on its verdicts"


@pytest.mark.django_db(transaction=True)
def test_two_people_who_change_limits_at_once(version, person):
    replaces, by = active_deployment(version.category).pk, person(Role.ADMIN)
    ready, codes = Barrier(2), []

    def press(threshold):
        try:
            ready.wait(timeout=120)
            set_limits(version.category, **BETTER | {"threshold": threshold}, replaces=replaces, by=by)
        except Conflict as refused:
            codes.append(refused.code)
        finally:
            connection.close()

    threads = [Thread(target=press, args=(threshold,)) for threshold in (0.6, 0.7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=240)
    assert codes == ["changed_meanwhile"]
    assert Deployment.objects.filter(until=None).count() == 1


# --- API -------------------------------------------------------------------------------------
ADDRESS = "/api/categories/nut/deployments/"


@pytest.mark.parametrize(
    ("role", "read", "write"),
    [(None, 401, 401), (Role.INSPECTOR, 403, 403), (Role.QA_MANAGER, 200, 403), (Role.ADMIN, 200, 201)],
)
def test_who_may_what_over_the_api(api_of, version, role, read, write):
    api = api_of(role) if role else APIClient()
    assert api.get(ADDRESS).status_code == read
    sent = BETTER | {"replaces": active_deployment(version.category).pk}
    assert api.post(ADDRESS, sent, format="json").status_code == write


def test_the_api_tells_the_history_and_what_is_at_work(api_of, version, change):
    change()
    api = api_of(Role.ADMIN)
    newest, first = api.get(ADDRESS).json()["results"]
    assert (newest["threshold"], newest["by"], newest["until"]) == (0.8, "admin", None)
    assert (first["change"], first["policy"], first["version_number"]) == ("promotion", "limits", 1)
    assert api.get("/api/categories/nut/").json()["deployment"]["id"] == newest["id"]
    assert api.get("/api/categories/none/deployments/").status_code == 404


@pytest.mark.parametrize(
    ("values", "status", "field"),
    [
        ({"threshold": "nan"}, 400, "threshold"),
        ({"threshold": True}, 400, "threshold"),
        ({"threshold": -1}, 400, "threshold"),
        ({"review_from": 0.9}, 400, "review_from"),
        ({"reason": ""}, 400, "reason"),
        ({"replaces": 0}, 400, "replaces"),
        ({"replaces": 10**9}, 409, None),
    ],
)
def test_bad_limits_over_the_api(api_of, version, values, status, field):
    sent = BETTER | {"replaces": active_deployment(version.category).pk} | values
    answer = api_of(Role.ADMIN).post(ADDRESS, sent, format="json")
    assert answer.status_code == status
    assert list(answer.json()["error"].get("fields", {})) == ([field] if field else [])
