"""From photos to a version in use: one step is next, and it says where."""

import pytest

from inspector.core.jobs import State
from inspector.core.roles import Role
from inspector.registry.models import Standing
from inspector.registry.promote import promote
from inspector.samples.selectors import samples_digest
from inspector.training.submit import freeze
from inspector.training.templatetags.runs import steps_of
from tests.factories import (
    CategoryFactory,
    ExplorationFactory,
    ModelVersionFactory,
    SampleFactory,
    TrainingRunFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def nut():
    return CategoryFactory.create(slug="nut", name="Nut")


def told(category):
    return {step.name: step.state for step in steps_of(category)}


def following(category):
    return next((step.name, step.action, step.href) for step in steps_of(category) if step.state == "current")


def explore(category, **counts):
    return ExplorationFactory.create(
        category=category, state=State.DONE, digest=samples_digest(category), **counts
    )


def trained(category, number=1):
    version = ModelVersionFactory.create(category=category, number=number, standing=Standing.CANDIDATE)
    run = {"state": State.DONE, "version": version, "snapshot": freeze(category)}
    TrainingRunFactory.create(category=category, **run)
    return version


def test_one_after_the_other(nut):
    assert following(nut) == ("Photos", "Add photos", "/categories/nut/samples/")
    SampleFactory.create_batch(6, category=nut)
    assert following(nut) == ("Check", "Check the photos", "/categories/nut/explore/")
    explore(nut, warnings=2)
    assert following(nut) == ("Train", "Train", "/categories/nut/retrain/")
    run = TrainingRunFactory.create(category=nut)
    assert following(nut) == ("Train", "View progress", f"/runs/{run.pk}/")
    run.delete()
    version = trained(nut)
    assert following(nut) == ("Promote", "Promote v1…", "/categories/nut/v1/promote/")
    assert told(nut) == {"Photos": "done", "Check": "done", "Train": "done", "Promote": "current"}
    promote(version, by=None)
    assert told(nut) == {}, "a category at work needs no steps"


def test_new_photos_ask_for_a_training_and_a_candidate_for_a_decision(nut):
    SampleFactory.create_batch(6, category=nut)
    promote(trained(nut), by=None)
    SampleFactory.create(category=nut)
    assert following(nut)[0] == "Train"
    trained(nut, number=2)
    assert following(nut) == ("Promote", "Promote v2…", "/categories/nut/v2/promote/")


def test_a_rolled_back_version_is_not_offered_again(nut):
    SampleFactory.create_batch(6, category=nut)
    first = trained(nut)
    promote(first, by=None)
    promote(trained(nut, number=2), by=None)
    first.refresh_from_db()
    promote(first, by=None)
    assert told(nut) == {}


def test_admins_see_them_where_they_work_and_nobody_else(client_of, nut):
    SampleFactory.create_batch(6, category=nut)
    for role, shown in ((Role.ADMIN, True), (Role.INSPECTOR, False), (Role.QA_MANAGER, False)):
        for address in ("/categories/nut/", "/categories/nut/samples/"):
            page = " ".join(client_of(role).get(address).content.decode().split())
            assert ("Steps to a version in use" in page) == shown
            primary = 'class="button primary" href="/categories/nut/explore/"' in page
            assert primary == (shown and address == "/categories/nut/")
    assert (
        'href="/categories/nut/retrain/"'
        in client_of(Role.ADMIN).get("/categories/nut/explore/").content.decode()
    )
