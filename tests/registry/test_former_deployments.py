"""A database of when versions had a standing: migrated, its history is there as deployments."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from inspector.inspections.models import Inspection
from inspector.registry.models import Change, Deployment, ModelVersion
from tests.factories import UserFactory, digest

pytestmark = pytest.mark.django_db(transaction=True)
FORMER = [("core", "0006_words"), ("registry", "0005_reasons"), ("inspections", "0011_dismissed_index")]
START = datetime(2026, 11, 1, 8, tzinfo=UTC)
CONFIG = {"threshold": {"review_from": 0.4, "policy": "limits"}}


def at(day, **later):
    return START + timedelta(days=day, **later)


@pytest.fixture
def former():
    """The database as it was before; the models of then by name."""
    executor = MigrationExecutor(connection)
    executor.migrate(FORMER)
    state = executor.loader.project_state(FORMER).apps

    def model(label):
        return state.get_model(label).objects

    yield model
    migrate()


def migrate():
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.fixture
def nut(former):
    return former("categories.Category").create(name="Nut", slug="nut")


@pytest.fixture
def version(former, nut):
    def make(number, standing, promoted=None, by=None, category=nut):
        return former("registry.ModelVersion").create(
            category=category,
            number=number,
            standing=standing,
            promoted=promoted,
            promoted_by_id=by and by.pk,
            created=at(-1),
            method="unet",
            artifact=f"{number}.zip",
            sha256=digest(number),
            threshold=0.5,
            map_low=0.4,
            map_high=2.0,
            config=CONFIG,
        )

    return make


@pytest.fixture
def told(former):
    def write(verb, version, when, by):
        event = former("core.AuditEvent").create(
            who_id=by.pk, verb=verb, what=f"Nut v{version.number}", detail={"version": version.pk}
        )
        former("core.AuditEvent").filter(pk=event.pk).update(when=when)

    return write


@pytest.fixture
def judged(former, nut):
    """Its id."""

    def make(version, finished):
        by = UserFactory.create().pk
        batch = former("inspections.Batch").create(category=nut, submitted_by_id=by, source="web")
        row = former("inspections.Inspection").create(
            batch=batch,
            category=nut,
            submitted_by_id=by,
            filename="a.png",
            sha256=digest(1),
            bytes=1,
            width=8,
            height=8,
            original="a.png",
            state="done",
            verdict="OK",
            score=0.1,
            threshold=0.5,
            version=version,
            finished=finished,
        )
        return row.pk

    return make


def spans():
    rows = Deployment.objects.order_by("pk").select_related("by")
    return [(row.version.number, row.change, row.since, row.until, str(row.by)) for row in rows]


def deployment_of(pk):
    found = Inspection.objects.get(pk=pk).deployment
    return found and found.since


def test_the_trail_becomes_deployments_and_inspections_point_to_theirs(version, told, judged):
    ann, bob = UserFactory.create(username="ann"), UserFactory.create(username="bob")
    first = version(1, "active", at(4), ann)
    second, third = version(2, "retired", at(2), bob), version(3, "candidate")
    told("promote", first, at(0), ann)
    told("promote", second, at(2, milliseconds=3), bob)
    told("roll back", first, at(4, milliseconds=3), ann)
    before, begun, late, again, other = (
        judged(row, at(day))
        for row, day in ((first, -1), (first, 1), (first, 2.001), (first, 5), (second, 3))
    )
    migrate()
    assert spans() == [
        (1, Change.PROMOTION, at(0), at(2, milliseconds=3), "ann"),
        (2, Change.PROMOTION, at(2, milliseconds=3), at(4, milliseconds=3), "bob"),
        (1, Change.ROLLBACK, at(4, milliseconds=3), None, "ann"),
    ]
    row = Deployment.objects.get(until=None)
    limits = (row.threshold, row.review_from, row.policy, row.map_low, row.map_high)
    assert limits == (0.5, 0.4, "limits", 0.4, 2.0)
    assert deployment_of(before) is None, "of before the trail nothing is known"
    assert deployment_of(begun) == deployment_of(late) == at(0), "a worker had it in hand"
    assert deployment_of(again) == at(4, milliseconds=3)
    assert deployment_of(other) == at(2, milliseconds=3)
    standings = dict(ModelVersion.objects.with_standing().values_list("pk", "standing"))
    assert standings == {first.pk: "active", second.pk: "retired", third.pk: "candidate"}


def test_where_the_trail_is_gone_what_versions_knew_is_kept(version, judged):
    ann = UserFactory.create(username="ann")
    first, second = version(1, "retired", at(0), ann), version(2, "active", at(3))
    known, unknown = judged(second, at(4)), judged(second, at(1))
    migrate()
    assert spans() == [
        (1, Change.PROMOTION, at(0), at(3), "ann"),
        (2, Change.PROMOTION, at(3), None, "None"),
    ]
    assert (deployment_of(known), deployment_of(unknown)) == (at(3), None)
    assert ModelVersion.objects.get(pk=first.pk).standing == "retired"


def test_a_trail_that_ends_otherwise_than_the_versions_say(version, told):
    """Both of the same moment, or an event that was lost: the version that is active stays active."""
    ann = UserFactory.create(username="ann")
    first, second = version(1, "active", at(0), ann), version(2, "retired", None)
    told("promote", second, at(3), ann)
    migrate()
    assert [(number, until) for number, _, _, until, _ in spans()] == [(1, at(3)), (2, at(3)), (1, None)]
    assert ModelVersion.objects.get(pk=first.pk).is_active


def test_a_category_where_none_is_at_work(version, told):
    retired = version(1, "retired", at(0))
    told("promote", retired, at(0), UserFactory.create())
    migrate()
    assert [until is not None for *_, until, _ in spans()] == [True]
    assert ModelVersion.objects.get(pk=retired.pk).standing == "retired"


def test_a_large_table_is_written_in_steps(version, judged, monkeypatch):
    only = version(1, "active", at(0))
    rows = [judged(only, at(1)) for _ in range(5)]
    module = import_module("inspector.inspections.migrations.0013_former_deployments")
    monkeypatch.setattr(module, "AT_ONCE", 2)
    migrate()
    assert {deployment_of(pk) for pk in rows} == {at(0)}
