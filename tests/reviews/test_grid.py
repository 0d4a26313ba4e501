"""The queue as a grid: one decision about many photos, undone as one."""

from uuid import uuid4

import pytest

from inspector.core.roles import Role
from inspector.inspections.models import Verdict
from inspector.reviews import withdraw as withdrawing
from inspector.reviews.decide import Finding, decide, decide_many
from inspector.reviews.enqueue import enqueue
from inspector.reviews.models import Entry, Review
from tests.factories import BatchFactory, CategoryFactory, InspectionFactory, ModelVersionFactory
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db
HERE, DECIDE, UNDO = "/review/grid/", "/review/decide/", "/review/undo/"


@pytest.fixture
def rows():
    category = CategoryFactory.create(slug="nut", name="Nut")
    batch, version = BatchFactory.create(category=category), ModelVersionFactory.create(category=category)
    found = InspectionFactory.create_batch(
        5, judged=True, batch=batch, version=version, verdict=Verdict.REVIEW, score=0.45
    )
    for row in found:
        row.refresh_from_db()
    enqueue(found)
    return found


@pytest.fixture
def qa(client_of):
    return client_of(Role.QA_MANAGER)


def test_who_may_open_it(client_of, rows):
    assert answers(client_of, HERE) == ALL | {"Inspector": 403}


def test_many_are_decided_and_undone_as_one(qa, rows):
    operation = str(uuid4())
    sent = {
        "ids": [row.pk for row in rows[:3]],
        "decision": "good",
        "operation": operation,
        "category": "nut",
    }
    answer = qa.post(DECIDE, sent, follow=True)
    assert answer.redirect_chain[0][0] == f"/review/grid/?category=nut&undo={operation}"
    page = answer.content.decode()
    assert "3 photos were decided." in page and page.count('name="ids"') == 2
    qa.post(DECIDE, sent)
    assert Review.objects.count() == 3, "sent twice, it is taken once"
    assert (
        "3 decisions were withdrawn." in qa.post(UNDO, {"operation": operation}, follow=True).content.decode()
    )
    assert Entry.objects.filter(closed=None).count() == 5
    assert "nothing to undo" in qa.post(UNDO, {"operation": operation}, follow=True).content.decode()


def test_one_that_is_withdrawn_meanwhile_keeps_no_other_from_being_undone(rows, person, monkeypatch):
    """By an admin, or by the same button pressed twice."""
    bob, operation, real = person(Role.QA_MANAGER, "bob"), uuid4(), withdrawing.withdraw
    reviews, _ = decide_many([row.pk for row in rows], Finding("good"), by=bob, operation=operation)

    def admin_first(review, **values):
        if review == reviews[-1]:  # undone first
            real(reviews[2], by=person(Role.ADMIN), reason="Wrong lamp")
        return real(review, **values)

    monkeypatch.setattr(withdrawing, "withdraw", admin_first)
    assert withdrawing.withdraw_operation(operation, by=bob) == 4
    assert not Review.objects.filter(withdrawal=None).exists()


def test_what_another_person_decided_meanwhile_is_told_and_left_alone(qa, rows, person):
    decide(rows[0], Finding("defective"), by=person(Role.QA_MANAGER, "bob"))
    operation = str(uuid4())
    sent = {"ids": [row.pk for row in rows[:2]], "decision": "good", "operation": operation}
    page = qa.post(DECIDE, sent, follow=True).content.decode()
    assert "bob decided meanwhile: Defective" in page and "1 photo was decided." in page
    rows[0].refresh_from_db()
    assert rows[0].outcome == "defective"
    qa.post(UNDO, {"operation": operation})
    page = qa.post(DECIDE, sent, follow=True).content.decode()
    assert "this decision was withdrawn. Decide again." in page, "not as if it had been taken"


def test_an_undo_of_somebody_else_s_takes_nothing_back(qa, client_of, rows):
    operation = str(uuid4())
    qa.post(DECIDE, {"ids": [rows[0].pk], "decision": "good", "operation": operation})
    page = client_of(Role.ADMIN).post(UNDO, {"operation": operation}, follow=True).content.decode()
    assert "nothing to undo" in page
    assert Review.objects.filter(withdrawal=None).count() == 1


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"decision": "good"}, "Select the photos first"),
        ({"decision": "good", "ids": ["x", "0"]}, "Select the photos first"),
        ({"ids": ["1"]}, "Choose good, defective or cannot tell"),
        ({"decision": "good", "ids": list(range(1, 502))}, "at most 500 photos"),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(qa, rows, sent, words):
    assert words in qa.post(DECIDE, sent, follow=True).content.decode()
    assert not Review.objects.exists()


def test_photos_that_are_gone_are_told_and_the_others_decided(qa, rows):
    gone = max(row.pk for row in rows) + 1
    sent = {"decision": "good", "ids": [gone, gone + 1]}
    assert (
        "2 of the photos that you selected are no longer"
        in qa.post(DECIDE, sent, follow=True).content.decode()
    )
    assert not Review.objects.exists()
    page = qa.post(DECIDE, sent | {"ids": [gone, rows[0].pk]}, follow=True).content.decode()
    assert "One of the photos that you selected is no longer" in page and "1 photo was decided" in page
