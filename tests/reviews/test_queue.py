"""What comes into the queue, in which order, and to whom it is lent."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inspector.core.errors import Conflict, Refused
from inspector.core.roles import Role
from inspector.inspections.analyse import analyse_waiting
from inspector.inspections.models import Inspection, Verdict
from inspector.inspections.submit import submit
from inspector.reviews import draw
from inspector.reviews.decide import Finding, decide
from inspector.reviews.dispute import dispute
from inspector.reviews.enqueue import enqueue, rules_of
from inspector.reviews.models import Entry, Why
from inspector.reviews.queue import AHEAD, FIRST, ORDERS, counts, lend, order_named, renew
from inspector.reviews.withdraw import withdraw
from tests.factories import (
    BatchFactory,
    CategoryFactory,
    InspectionFactory,
    JudgementFactory,
    ModelVersionFactory,
)
from tests.photos import photo, upload

pytestmark = pytest.mark.django_db
DOUBT = ORDERS[0]


@pytest.fixture(autouse=True)
def fresh_pace():
    draw.forget_pace()


@pytest.fixture
def nut():
    return CategoryFactory.create(slug="nut", name="Nut")


@pytest.fixture
def judged(nut):
    batch, version = BatchFactory.create(category=nut), ModelVersionFactory.create(category=nut)

    def make(verdict=Verdict.REVIEW, score=0.45, **values):
        row = InspectionFactory.create(
            judged=True, batch=batch, version=version, verdict=verdict, score=score, **values
        )
        row.refresh_from_db()
        enqueue([row])
        return row

    return make


def rules(category, **values):
    found = rules_of(category)
    for name, value in values.items():
        setattr(found, name, value)
    found.save()
    return found


def test_a_verdict_comes_into_the_queue_as_it_is_written(active_version, nut, person):
    active_version(nut)
    rules(nut, share=1.0)
    submit(category=nut, uploads=[upload(photo(1), "a.png")], by=person(), source="web")
    analyse_waiting(nut.pk)
    entry = Entry.objects.get()
    row = entry.inspection
    assert row.outcome and entry.category == nut and entry.relative_score == row.relative_score
    expected = {Verdict.OK: Why.CHECK, Verdict.REVIEW: Why.REVIEW, Verdict.ANOMALY: Why.ANOMALY}
    assert entry.why == expected[row.verdict]


def test_anomalies_can_be_left_out(judged, nut):
    judged(Verdict.ANOMALY, 0.7)
    rules(nut, anomalies=False)
    judged(Verdict.ANOMALY, 0.7)
    judged(Verdict.REVIEW)
    assert sorted(Entry.objects.values_list("why", flat=True)) == [Why.ANOMALY, Why.REVIEW]


def test_a_share_of_ok_photos_is_drawn_as_the_seed_says(judged, nut):
    found = rules(nut, share=0.3, at_least=0)
    rows = [judged(Verdict.OK, 0.1) for _ in range(40)]
    drawn = set(Entry.objects.values_list("inspection_id", flat=True))
    assert drawn == {row.pk for row in rows if draw.is_drawn(found.seed, row.pk, 0.3)}
    assert set(Entry.objects.values_list("why", "probability")) == {(Why.CHECK, 0.3)}
    chosen = sum(draw.is_drawn("seed", pk, 0.3) for pk in range(20_000))
    assert 5_800 < chosen < 6_200, "four standard deviations are 260"


def test_where_few_photos_are_inspected_more_than_the_share_are_drawn(judged, nut):
    found = rules(nut, share=0.01, at_least=5)
    rows = [judged(Verdict.OK, 0.1) for _ in range(5)]
    assert Entry.objects.count() == 5, "the first five of a day"
    InspectionFactory.create_batch(
        45, judged=True, batch=rows[0].batch, version=rows[0].version, verdict=Verdict.OK
    )
    draw.forget_pace()
    assert draw.probability(found) == pytest.approx(5 / 50)


def test_orders(judged):
    far, near, doubtful = judged(score=0.9), judged(score=0.6), judged(score=0.49)
    judged(Verdict.OK, 0.1)
    found = {
        order.value: [entry.inspection for entry in Entry.objects.order_by(*order.fields)] for order in ORDERS
    }
    assert found["doubt"][:3] == [doubtful, near, far]
    assert found["worst"][:3] == [far, near, doubtful]
    assert found["oldest"][:3] == [far, near, doubtful]
    assert order_named("none") == DOUBT


def test_doubt_is_in_deviations_of_good_scores(judged):
    row = judged(score=0.25)
    for score in (0.1, 0.2, 0.4):  # their logs deviate by log 2
        JudgementFactory.create(version=row.version, score=score)
    from inspector.inspections.doubt import doubt, spread

    spread.cache_clear()
    assert doubt(row) == pytest.approx(1.0)


def test_an_entry_is_lent_to_one_person_at_a_time(judged, nut, person):
    rows = [judged() for _ in range(AHEAD + 2)]
    one, two = person(Role.QA_MANAGER), person(Role.QA_MANAGER, "second")
    mine = lend(one, category=nut, order=DOUBT)
    theirs = lend(two, category=nut, order=DOUBT)
    assert len(mine) == AHEAD and len(theirs) == 2
    assert {entry.inspection for entry in [*mine, *theirs]} == set(rows)
    assert lend(one, category=None, order=DOUBT) == mine, "asked again, the same ones"
    Entry.objects.filter(lent_to=one).update(lent_until=timezone.now() - timedelta(seconds=1))
    assert lend(two, category=nut, order=DOUBT) == mine, "not decided in time: free again"


def test_what_a_page_shows_stays_with_its_person_whatever_comes_meanwhile(judged, nut, person):
    ann, bob = (person(Role.QA_MANAGER, name) for name in ("ann", "bob"))
    shown = [judged(score=0.45).pk for _ in range(AHEAD)]
    assert len(lend(ann, category=nut, order=DOUBT)) == AHEAD
    for _ in range(AHEAD):
        judged(score=0.499)  # more doubtful
    Entry.objects.update(lent_until=timezone.now() - timedelta(seconds=1))
    gone = Entry.objects.get(inspection=shown[0])
    Entry.objects.filter(pk=gone.pk).update(lent_to=bob, lent_until=timezone.now() + timedelta(minutes=1))
    decide(Inspection.objects.get(pk=shown[1]), Finding("good"), by=bob)
    assert set(renew(ann, shown)) == set(shown[2:])
    assert not {entry.inspection_id for entry in lend(bob, category=nut, order=DOUBT)} & set(shown[2:])


def test_what_comes_back_into_the_queue_waits_from_then_on(judged, nut, person):
    qa, long_ago = person(Role.QA_MANAGER), timezone.now() - timedelta(days=30)
    slip, old, doubted = (judged(submitted_by=person()) for _ in range(3))
    made = [decide(row, Finding("good"), by=qa) for row in (slip, old, doubted)]
    Entry.objects.update(created=long_ago)
    Entry.objects.exclude(inspection=slip).update(closed=long_ago)
    withdraw(made[0], by=qa)
    assert counts(qa)["oldest"] == long_ago, "an undo is no new beginning"
    Entry.objects.filter(inspection=slip).update(closed=timezone.now())
    withdraw(made[1], by=qa)
    dispute(doubted, by=person(), reason="A scratch")
    assert counts(qa)["left"] == 2 and counts(qa)["oldest"] > long_ago + timedelta(days=29)


def test_a_disputed_photo_is_first_and_keeps_why_it_was_drawn(judged, nut, person):
    inspector, qa = person(), person(Role.QA_MANAGER)
    judged(score=0.499)
    rules(nut, share=1.0)
    doubted = judged(Verdict.OK, 0.1, submitted_by=inspector)
    dispute(doubted, by=inspector, reason="There is a scratch at the rim.")
    first = lend(qa, category=nut, order=DOUBT)[0]
    assert (first.inspection, first.disputed, first.why) == (doubted, True, Why.CHECK)


def test_a_dispute_sent_twice_is_one_and_takes_the_photo_from_nobody(judged, nut, person):
    inspector, qa = person(), person(Role.QA_MANAGER)
    row = judged(submitted_by=inspector)
    assert [entry.inspection for entry in lend(qa, category=nut, order=DOUBT)] == [row]
    for _ in range(2):
        dispute(row, by=inspector, reason="A scratch")
    dispute(row, by=inspector, reason="And a dent")
    assert [one.reason for one in row.disputes.order_by("pk")] == ["A scratch", "And a dent"]
    assert not lend(person(Role.QA_MANAGER, "bob"), category=nut, order=DOUBT)
    decide(row, Finding("good"), by=qa)
    dispute(row, by=inspector, reason="A scratch")
    assert row.disputes.count() == 3 and Entry.objects.get().closed is None


def test_what_was_in_no_queue_can_be_disputed(judged, nut, person):
    rules(nut, share=0.0, at_least=0)
    row = judged(Verdict.OK, 0.1, submitted_by=person())
    assert not Entry.objects.exists()
    dispute(row, by=person(), reason="A scratch")
    assert Entry.objects.get().why == Why.DISPUTED


def test_who_disputes_says_why_and_about_a_photo_of_their_own(judged, person):
    row = judged(submitted_by=person())
    with pytest.raises(Refused, match="Say what is wrong"):
        dispute(row, by=person(), reason=" ")
    with pytest.raises(Refused, match="sent this photo"):
        dispute(row, by=person(username="other"), reason="A scratch")
    with pytest.raises(Conflict, match="no verdict yet"):
        dispute(InspectionFactory.create(submitted_by=person()), by=person(), reason="A scratch")


def test_the_page_comes_with_a_few_and_asks_for_more(judged, client_of):
    ids = [judged().pk for _ in range(FIRST + 2)]
    browser = client_of("QA manager")
    first = browser.get("/review/").content.decode()
    assert first.count("<article") == FIRST
    more = browser.post(reverse("reviews:more"), {"shown": ids[:FIRST]}).content.decode()
    assert more.count("<article") == FIRST + 2
