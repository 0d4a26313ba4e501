"""The audit trail as people read it: one entry for one deed, in words."""

import ast
from pathlib import Path
from uuid import uuid4

import pytest

from inspector.core import trail
from inspector.core.audit import record
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


def shown() -> list[trail.Entry]:
    return trail.entries(list(trail.events()))


def add(by, operation, added, what="Nut", **counts):
    detail = {"split": "train", "label": "good", "added": added, **counts}
    return record(by, "add samples", what, operation=operation, **detail)


def test_an_upload_in_many_requests_is_one_entry_with_sums():
    by, operation = UserFactory.create(), uuid4()
    first = add(by, operation, 8, skipped=0, rejected=1)
    record(by, "create category", "Bolt", slug="bolt")
    add(by, operation, 5, skipped=3, rejected=0)
    last = add(by, operation, 0, skipped=8, rejected=0)
    bolt, nut = shown()
    assert (bolt.title, bolt.what, bolt.events) == ("Created category", "Bolt", 1)
    assert (nut.title, nut.what, nut.who, nut.events) == ("Added photos", "Nut", by, 3)
    assert nut.detail == "Training, good: 13 added, 11 already there, 1 refused"
    assert (nut.when, nut.until) == (first.when, last.when)


def test_two_uploads_and_single_events_stay_apart():
    by = UserFactory.create()
    for operation in (uuid4(), uuid4(), None, None):
        add(by, operation, 1)
    assert len(shown()) == 4


def test_nobody_hides_behind_the_operation_of_somebody_else():
    operation = uuid4()
    for by in UserFactory.create_batch(2):
        add(by, operation, 1)
    record(by, "remove samples", "Nut", operation=operation, removed=1)
    assert len(shown()) == 3


def test_an_act_on_several_things_names_them_and_is_found_by_each():
    by, operation = UserFactory.create(), uuid4()
    for name in ("Inspection 7", "Inspection 8", "Inspection 9"):
        record(by, "retry inspection", name, operation=operation, was="worker_lost")
    record(by, "retry inspection", "Inspection 10", was="worker_lost")
    assert [entry.what for entry in shown()] == ["Inspection 10", "Inspection 7 and 2 more"]
    assert shown()[0].detail == "Had failed: worker lost"
    found = trail.about(trail.events(), "inspection 9")
    assert [entry.what for entry in trail.entries(list(found))] == ["Inspection 7 and 2 more"]


@pytest.mark.parametrize(
    ("verb", "detail", "told"),
    [
        ("add samples", {"split": "test", "label": "rust", "added": 2}, "Test, rust: 2 added"),
        ("import samples", {"added": 9, "skipped": 0, "rejected": 2}, "9 added, 2 refused"),
        ("remove samples", {"removed": 1, "names": ["test/rust/a.png"]}, "1 removed: test/rust/a.png"),
        ("promote", {"version": 4, "replaces": 3}, "Replaced v3"),
        ("promote", {"version": 4, "replaces": None}, "The first active version"),
        ("change role", {"role": "Admin", "former": "Inspector"}, "From Inspector to Admin"),
        (
            "retrain",
            {"run": 5, "method": "padim", "options": {"size": 128}},
            "Run 5; PaDiM; Photo size: 128 px",
        ),
        ("create token", {"starts_with": "abcdef0123"}, "Begins with abcdef01…"),
        # What nobody has words for, and what an event of a former time lacks.
        ("no such verb", {"some_number": 3}, "Some number: 3"),
        ("import samples", {"count": 3}, "Count: 3"),
    ],
)
def test_detail_is_told_in_words(verb, detail, told):
    record(None, verb, "Nut", **detail)
    assert shown()[0].detail == told


def test_every_verb_has_words():
    """Whatever is recorded anywhere: `describe` it in the trail_words of its app."""
    known = dict(trail.titles())
    calls = [
        node
        for path in (ROOT / "inspector").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record"
    ]
    verbs = {
        part.value for call in calls for part in ast.walk(call.args[1]) if isinstance(part, ast.Constant)
    }
    assert len(verbs) > 12
    assert verbs - set(known) == set()
