"""The audit trail as people read it: one entry for one deed, in words."""

from uuid import uuid4

import pytest
from django.db import connection

from inspector.accounts.events import AccountEvent
from inspector.categories.events import CategoryEvent
from inspector.core import trail
from inspector.core.events import record, subject_named
from inspector.core.models import Event
from inspector.inspections.events import InspectionEvent
from inspector.registry.events import VersionEvent
from inspector.samples.events import SampleEvent
from inspector.training.events import TrainingEvent
from tests.factories import CategoryFactory, InspectionFactory, ModelVersionFactory, UserFactory

pytestmark = pytest.mark.django_db


def shown() -> list[trail.Entry]:
    return trail.entries(list(trail.events()))


def add(by, operation, added, what="Nut", **counts):
    detail = {"split": "train", "label": "good", "added": added, **counts}
    return record(by, SampleEvent.ADDED, what, operation=operation, **detail)


def test_an_upload_in_many_requests_is_one_entry_with_sums():
    by, operation = UserFactory.create(), uuid4()
    first = add(by, operation, 8, skipped=0, rejected=1)
    record(by, CategoryEvent.CREATED, "Bolt", slug="bolt")
    add(by, operation, 5, skipped=3, rejected=0)
    last = add(by, operation, 0, skipped=8, rejected=0)
    bolt, nut = shown()
    assert (bolt.title, bolt.subject, bolt.events) == ("Created category", "Bolt", 1)
    assert (nut.title, nut.subject, nut.actor, nut.events) == ("Added photos", "Nut", by, 3)
    assert nut.detail == "Training, good: 13 added, 11 already there, 1 refused"
    assert (nut.time, nut.until) == (first.time, last.time)


def test_two_uploads_and_single_events_stay_apart():
    by = UserFactory.create()
    for operation in (uuid4(), uuid4(), None, None):
        add(by, operation, 1)
    assert len(shown()) == 4


def test_nobody_hides_behind_the_operation_of_somebody_else():
    operation = uuid4()
    for by in UserFactory.create_batch(2):
        add(by, operation, 1)
    record(by, SampleEvent.REMOVED, "Nut", operation=operation, removed=1)
    assert len(shown()) == 3


def test_an_act_on_several_things_names_them_and_is_found_by_each():
    by, operation = UserFactory.create(), uuid4()
    for name in ("Inspection 7", "Inspection 8", "Inspection 9"):
        record(by, InspectionEvent.RETRIED, name, operation=operation, was="worker_lost")
    record(by, InspectionEvent.RETRIED, "Inspection 10", was="worker_lost")
    assert [entry.subject for entry in shown()] == ["Inspection 10", "Inspection 7 and 2 more"]
    assert shown()[0].detail == "Had failed: worker lost"
    found = trail.named(trail.events(), "inspection 9")
    assert [entry.subject for entry in trail.entries(list(found))] == ["Inspection 7 and 2 more"]


@pytest.mark.parametrize(
    ("kind", "detail", "told"),
    [
        (
            SampleEvent.ADDED,
            {"split": "test", "label": "rust", "added": 2},
            "Test, rust: 2 added",
        ),
        (SampleEvent.IMPORTED, {"added": 9, "skipped": 0, "rejected": 2}, "9 added, 2 refused"),
        (
            SampleEvent.REMOVED,
            {"removed": 1, "names": ["test/rust/a.png"]},
            "1 removed: test/rust/a.png",
        ),
        (VersionEvent.PROMOTED, {"replaces": 3}, "Replaced v3"),
        (VersionEvent.PROMOTED, {"replaces": None}, "The first active version"),
        (AccountEvent.ROLE_CHANGED, {"role": "Admin", "former": "Inspector"}, "From Inspector to Admin"),
        (TrainingEvent.REQUESTED, {"method": "padim", "options": {"size": 128}}, "PaDiM; Photo size: 128 px"),
        (AccountEvent.TOKEN_CREATED, {"starts_with": "abcdef0123"}, "Begins with abcdef01…"),
        # What events of a former time have and lack.
        (TrainingEvent.REQUESTED, {"run": 5, "method": "padim"}, "Run 5; PaDiM"),
        (SampleEvent.IMPORTED, {"count": 3}, "Count: 3"),
    ],
)
def test_detail_is_told_in_words(kind, detail, told):
    record(None, kind, "Nut", **detail)
    assert shown()[0].detail == told


def test_a_kind_that_nobody_declares_any_more_is_shown_as_it_is():
    Event.objects.create(kind="no such kind", subject_name="Nut", detail={"some_number": 3})
    assert [(entry.title, entry.detail) for entry in shown()] == [("No such kind", "Some number: 3")]


# --- Everything about one thing, everything one person did -----------------------------------
def about(text):
    subject = subject_named(text)
    found = trail.entries(list(trail.events(subject)), subject)
    return [(entry.title, entry.subject) for entry in found]


def test_everything_about_an_inspection():
    by, operation = UserFactory.create(), uuid4()
    first, second = InspectionFactory.create_batch(2)
    for inspection in (first, second):
        record(by, InspectionEvent.RETRIED, inspection, operation=operation, was="worker_lost")
    record(by, InspectionEvent.DISMISSED, second, was="worker_lost")
    retried, dismissed = "Retried inspection", "Removed failed inspection from the list"
    # Not “and 1 more”: what was done to the other one is not about this one.
    assert about(f"inspection-{first.pk}") == [(retried, str(first))]
    assert about(f"inspection-{second.pk}") == [(dismissed, str(second)), (retried, str(second))]
    assert about("inspection-999") == []


def test_everything_about_a_category_has_what_is_in_it():
    version = ModelVersionFactory.create(category__name="Nut")
    record(None, CategoryEvent.CREATED, version.category, slug="nut")
    record(None, VersionEvent.PROMOTED, version, replaces=None)
    record(None, CategoryEvent.CREATED, CategoryFactory.create(name="Bolt"), slug="bolt")
    both = [("Promoted version", str(version)), ("Created category", "Nut")]
    assert about(f"category-{version.category_id}") == both
    assert about(f"version-{version.pk}") == both[:1]


def test_what_somebody_did_and_what_was_done_to_them_are_two_things():
    ann, ben = UserFactory.create_batch(2)
    record(ann, AccountEvent.DEACTIVATED, ben)
    assert [entry.subject for entry in trail.entries(list(trail.events().filter(actor=ann)))] == [str(ben)]
    assert about(f"person-{ann.pk}") == []
    assert about(f"person-{ben.pk}") == [("Deactivated account", str(ben))]


@pytest.mark.parametrize(
    ("narrowed", "index"),
    [
        (lambda: trail.events(subject_named("inspection-17")), "event_subject"),
        (lambda: trail.events(subject_named("category-3")), "event_category"),
        (lambda: trail.events().filter(actor=5), "event_actor"),
    ],
)
def test_about_one_thing_and_by_one_person_go_by_an_index(narrowed, index):
    # Of an empty table any index is as good.
    rows = (Event(kind="x", subject_type="inspection", subject_id=n, category_id=n) for n in range(2000))
    Event.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE core_event")
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert index in narrowed()[:49].explain()
