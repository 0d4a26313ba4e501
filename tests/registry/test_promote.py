from threading import Barrier, Thread

import pytest
from django.db import connection

from inspector.core.errors import Conflict
from inspector.core.models import Event
from inspector.registry.models import ModelVersion, Standing
from inspector.registry.promote import promote
from inspector.registry.selectors import active_version, categories_overview, category_overview
from tests.factories import CategoryFactory, ModelVersionFactory, SampleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def versions():
    """v1 active, v2 a candidate."""
    first = ModelVersionFactory.create(number=1, stored=True)
    second = ModelVersionFactory.create(number=2, category=first.category, standing=Standing.CANDIDATE)
    return first, second


def standings(category):
    rows = ModelVersion.objects.with_standing().filter(category=category)
    return dict(rows.values_list("number", "standing"))


def test_the_new_version_is_active_and_the_former_one_retires(versions, person):
    first, second = versions
    promoted = promote(second, by=person("Admin"))
    assert standings(first.category) == {1: "retired", 2: "active"}
    assert (promoted.is_active, promoted.promoted_by) == (True, "admin")
    assert promoted.promoted is not None
    event = Event.objects.get(kind="version.promoted")
    assert (event.actor, event.subject_id, event.detail) == (person("Admin"), second.pk, {"replaces": 1})


def test_rolling_back_is_promoting_the_former_one(versions):
    first, second = versions
    promote(second, by=None)
    promote(first, by=None)
    assert standings(first.category) == {1: "active", 2: "retired"}
    assert Event.objects.filter(kind="version.rolled_back").count() == 1
    assert active_version(first.category) == first


def test_the_active_version_is_not_promoted_again(versions):
    first, _ = versions
    with pytest.raises(Conflict) as refused:
        promote(first, by=None)
    assert refused.value.code == "already_active"
    assert not Event.objects.exists()


@pytest.mark.parametrize("left", [None, b"half of it"], ids=["gone", "damaged"])
def test_a_version_whose_files_are_no_good_is_not_put_to_work(versions, media, left, api_of):
    """No photo could be judged by it. Said before anything is changed, whatever else speaks against it."""
    first, second = versions
    artifact = media / second.artifact.name
    artifact.unlink() if left is None else artifact.write_bytes(left)
    sent = {"all_the_same": True, "reason": "Better"}
    refused = api_of("Admin").post(f"/api/versions/{second.pk}/promote/", sent, format="json")
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (409, "damaged_version")
    assert "Restore them from a backup, or promote another version." in error["message"]
    assert standings(first.category) == {1: "active", 2: "candidate"}
    assert not Event.objects.filter(kind__startswith="version.").exists()
    (media / "versions").rename(media / "away")
    refused = api_of("Admin").post(f"/api/versions/{second.pk}/promote/", sent, format="json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "unavailable")


def test_what_one_holds_in_hand_may_be_stale(versions):
    _, second = versions
    stale = ModelVersion.objects.get(pk=second.pk)
    promote(second, by=None)
    with pytest.raises(Conflict):
        promote(stale, by=None)


def test_other_categories_keep_theirs(versions):
    other = ModelVersionFactory.create()
    promote(versions[1], by=None)
    assert active_version(other.category) == other


def test_the_overview_names_active_versions_and_counts_samples(versions):
    first, _ = versions
    SampleFactory.create_batch(2, category=first.category)
    SampleFactory.create(category=first.category, split="test")
    SampleFactory.create_batch(3, category=first.category, split="test", label="scratch")
    row = category_overview(first.category.slug)
    assert row.active == first
    assert row.samples == {"train": 2, "test_good": 1, "test_defect": 3}


def test_the_overview_costs_the_same_for_many_categories(django_assert_num_queries):
    for _ in range(10):
        SampleFactory.create(category=ModelVersionFactory.create().category)
    CategoryFactory.create()
    with django_assert_num_queries(2):
        rows = categories_overview()
        assert [str(row.active.category) for row in rows if row.active] != []
    assert len(rows) == 11


@pytest.mark.django_db(transaction=True)
def test_two_people_who_promote_at_once_leave_one_version_active():
    category = CategoryFactory.create()
    candidates = ModelVersionFactory.create_batch(2, category=category, standing=Standing.CANDIDATE)
    ready, errors = Barrier(2), []

    def press(version):
        try:
            ready.wait(timeout=120)
            promote(version, by=None)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=press, args=(version,)) for version in candidates]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=240)
    assert errors == []
    assert sorted(standings(category).values()) == ["active", "retired"]
