"""Decisions about inspections: beside the verdict, append-only, taken back without a trace being lost."""

from uuid import uuid4

import pytest

from inspector.core.errors import Conflict, Refused
from inspector.core.models import Event
from inspector.core.roles import Role
from inspector.core.trail import detail_in_words
from inspector.inspections.models import Inspection, Outcome, Verdict
from inspector.reviews import defect_types
from inspector.reviews.decide import Finding, decide, decide_many
from inspector.reviews.defect_types import named, retire
from inspector.reviews.dispute import dispute
from inspector.reviews.enqueue import enqueue, rules_of
from inspector.reviews.models import DefectType, Entry, Review
from inspector.reviews.outcomes import recompute
from inspector.reviews.withdraw import withdraw, withdraw_operation
from inspector.site.remove_production import delete_with_all
from tests.factories import CategoryFactory, InspectionFactory

pytestmark = pytest.mark.django_db
GOOD, BAD, UNSURE = Finding("good"), Finding("defective"), Finding("unsure")


@pytest.fixture
def qa(person):
    return person(Role.QA_MANAGER)


@pytest.fixture
def judged():
    def make(verdict=Verdict.REVIEW, **values):
        row = InspectionFactory.create(judged=True, verdict=verdict, **values)
        enqueue([row])
        return row

    return make


def outcome(row):
    return Inspection.objects.get(pk=row.pk).outcome


@pytest.mark.parametrize(
    ("verdict", "finding", "expected"),
    [
        (Verdict.REVIEW, GOOD, Outcome.GOOD),
        (Verdict.ANOMALY, GOOD, Outcome.GOOD),
        (Verdict.OK, BAD, Outcome.DEFECTIVE),
        (Verdict.ANOMALY, UNSURE, Outcome.OPEN),
    ],
)
def test_the_outcome_is_the_decision_and_the_verdict_stays(judged, qa, verdict, finding, expected):
    row = judged(verdict)
    review = decide(row, finding, by=qa)
    row.refresh_from_db()
    assert (row.outcome, row.reviewed, row.verdict) == (expected, review.created, verdict)
    event = Event.objects.get(kind="review.decided")
    assert (event.actor, event.subject_id, event.detail["verdict"]) == (qa, row.pk, verdict)


def test_the_newest_standing_review_counts(judged, qa, person):
    row = judged(Verdict.ANOMALY)
    first, second = decide(row, GOOD, by=qa), decide(row, BAD, by=person(Role.ADMIN))
    assert outcome(row) == Outcome.DEFECTIVE
    withdraw(second, by=person(Role.ADMIN))
    assert outcome(row) == Outcome.GOOD
    withdraw(first, by=qa)
    assert outcome(row) == Outcome.DEFECTIVE, "the verdict's"
    assert Review.objects.count() == 2, "what was decided is kept"
    assert Inspection.objects.get(pk=row.pk).reviewed is None


def test_a_decided_photo_leaves_the_queue_and_comes_back_when_that_is_withdrawn(judged, qa):
    row = judged()
    review = decide(row, GOOD, by=qa)
    assert Entry.objects.get(inspection=row).closed
    withdraw(review, by=qa)
    entry = Entry.objects.get(inspection=row)
    assert (entry.closed, entry.lent_to) == (None, qa), "in hand of whoever took it back"


def test_somebody_decided_meanwhile(judged, qa, person):
    row = judged()
    decide(row, GOOD, by=person(Role.ADMIN), seen=None)
    with pytest.raises(Conflict, match="admin decided meanwhile: Good") as refused:
        decide(row, BAD, by=qa, seen=None)
    assert refused.value.code == "decided_meanwhile"
    assert outcome(row) == Outcome.GOOD and Review.objects.count() == 1


def test_sent_twice_it_is_one_review(judged, qa):
    row, operation = judged(), uuid4()
    first = decide(row, GOOD, by=qa, seen=None, operation=operation)
    assert decide(row, GOOD, by=qa, seen=None, operation=operation) == first
    assert Review.objects.count() == 1


def test_an_operation_of_another_person_answers_for_nobody_else(judged, qa, person):
    row, operation = judged(), uuid4()
    decide(row, GOOD, by=qa, operation=operation)
    with pytest.raises(Conflict, match="qa-manager decided meanwhile: Good"):
        decide(row, BAD, by=person(Role.ADMIN), operation=operation)


def test_the_trail_says_what_stood_before(judged, qa, person):
    row = judged()
    decide(row, GOOD, by=qa)
    decide(row, BAD, by=person(Role.ADMIN))
    event = Event.objects.filter(kind="review.decided").latest("pk")
    assert "(decision was Good, by qa-manager)" in detail_in_words(event.kind, event.detail)


def test_a_photo_without_a_verdict_cannot_be_decided(qa):
    with pytest.raises(Conflict, match="no verdict yet"):
        decide(InspectionFactory.create(), GOOD, by=qa)


def test_defect_types_are_added_while_one_decides(judged, qa):
    row = judged()
    review = decide(row, Finding("defective", defect=" Scratch "), by=qa)
    assert (review.defect_type.name, review.defect_type.key, review.severity) == ("Scratch", 1, "major")
    again = decide(row, Finding("defective", defect="scratch", severity="minor"), by=qa)
    assert again.defect_type == review.defect_type and again.severity == "minor"
    assert DefectType.objects.count() == 1


def test_a_defect_type_has_to_be_one_of_this_category_in_use(judged, qa):
    row = judged()
    other = named(CategoryFactory.create(name="Bolt"), "Dent", by=qa)
    with pytest.raises(Refused, match="is a defect type of Bolt") as refused:
        decide(row, Finding("defective", defect=other), by=qa)
    assert list(refused.value.fields) == ["defect"]
    mine = named(row.category, "Dent", by=qa)
    retire(mine, by=qa)
    mine.refresh_from_db()
    with pytest.raises(Refused, match="was retired"):
        decide(row, Finding("defective", defect=mine), by=qa)
    assert not Review.objects.exists()
    assert named(row.category, "dent", by=qa) == mine, "named again it is in use again"


@pytest.mark.parametrize(
    ("finding", "field"),
    [
        (Finding("maybe"), "decision"),
        (Finding("good", defect="Dent"), "defect"),
        (Finding("good", severity="major"), "severity"),
        (Finding("unsure", disposition="scrap"), "disposition"),
        (Finding("good", comment="x" * 501), "comment"),
        (Finding("defective", defect="x" * 41), "name"),
        (Finding("defective", defect="Good"), "name"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(judged, qa, finding, field):
    with pytest.raises(Refused) as refused:
        decide(judged(), finding, by=qa)
    assert list(refused.value.fields) == [field]
    assert not Review.objects.exists() and not DefectType.objects.exists()


def test_inspectors_decide_review_of_their_own_photos_where_a_category_allows_it(judged, person):
    inspector, other = person(), person(username="other")
    own = judged(submitted_by=inspector, batch__submitted_by=inspector)
    with pytest.raises(Refused, match="dispute it"):
        decide(own, GOOD, by=inspector)
    rules = rules_of(own.category)
    rules.inspectors_decide = True
    rules.save()
    decide(own, GOOD, by=inspector)
    with pytest.raises(Refused):
        decide(own, BAD, by=other)
    anomaly = judged(Verdict.ANOMALY, batch=own.batch, version=own.version)
    with pytest.raises(Refused):
        decide(anomaly, GOOD, by=inspector)


def test_many_at_once_are_undone_at_once(judged, qa):
    rows, operation = [judged() for _ in range(3)], uuid4()
    waiting = InspectionFactory.create()
    reviews, refused = decide_many([row.pk for row in [*rows, waiting]], BAD, by=qa, operation=operation)
    assert len(reviews) == 3 and [problem.code for problem in refused] == ["no_verdict"]
    assert withdraw_operation(operation, by=qa) == 3
    assert {outcome(row) for row in rows} == {Outcome.OPEN}


def test_only_admins_withdraw_what_others_decided_and_say_why(judged, qa, person):
    review, admin = decide(judged(), GOOD, by=qa), person(Role.ADMIN)
    with pytest.raises(Refused, match="ask an admin"):
        withdraw(review, by=person(Role.QA_MANAGER, "second"))
    with pytest.raises(Refused, match="Say why"):
        withdraw(review, by=admin)
    withdraw(review, by=admin, reason="Wrong lamp")
    with pytest.raises(Conflict, match="withdrawn already"):
        withdraw(review, by=qa)
    assert Event.objects.get(kind="review.withdrawn").detail["reason"] == "Wrong lamp"


def test_a_photo_that_was_removed_meanwhile_is_named_as_gone(judged, qa):
    """Made-up production, which an admin removed while the page was open."""
    row, other = judged(), judged()
    review = decide(other, GOOD, by=qa)
    delete_with_all(Inspection.objects.all())
    for verb in (
        lambda: decide(row, GOOD, by=qa),
        lambda: dispute(row, by=qa, reason="A shadow."),
        lambda: withdraw(review, by=qa),
    ):
        with pytest.raises(Conflict, match="was removed meanwhile") as refused:
            verb()
        assert refused.value.code == "gone"


def test_outcomes_can_be_made_again_from_the_rows(judged, qa):
    rows = [judged(verdict) for verdict in Verdict] + [judged()]
    decide(rows[0], BAD, by=qa)
    withdraw(decide(rows[1], GOOD, by=qa), by=qa)
    decide(rows[3], UNSURE, by=qa)
    InspectionFactory.create()
    assert recompute() == 0, "as the verbs wrote them"
    before = list(Inspection.objects.order_by("pk").values_list("outcome", "reviewed"))
    Inspection.objects.update(outcome="good", reviewed=None)
    assert recompute() > 0
    assert list(Inspection.objects.order_by("pk").values_list("outcome", "reviewed")) == before


def test_a_type_whose_key_another_person_took_comes_back_without_it(judged, qa, monkeypatch):
    category = judged().category
    dent = defect_types.named(category, "Dent", by=qa)
    defect_types.retire(dent, by=qa)
    free = defect_types.free_keys(category)
    defect_types.named(category, "Crack", by=qa)
    answers = [free]  # as it was before the other one was added
    look = defect_types.free_keys
    monkeypatch.setattr(defect_types, "free_keys", lambda of: answers.pop() if answers else look(of))
    again = defect_types.named(category, "Dent", by=qa)
    assert (again.retired, again.key) == (None, None)
