"""Second opinions: to another person, blindly; agreement by pair. And what a photo is compared with."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from inspector.core import slots
from inspector.inspections.models import Verdict
from inspector.registry.models import Kind, Standing
from inspector.reviews.decide import Finding, decide
from inspector.reviews.draw import is_drawn
from inspector.reviews.enqueue import enqueue, rules_of
from inspector.reviews.models import Entry, SecondOpinion
from inspector.reviews.neighbours import beside
from inspector.reviews.queue import lend, order_named, waiting, without_unreachable
from inspector.reviews.second import pairs
from inspector.reviews.selectors import golden_samples
from inspector.reviews.withdraw import withdraw
from tests.factories import (
    BatchFactory,
    CategoryFactory,
    DeploymentFactory,
    InspectionFactory,
    JudgementFactory,
    ModelVersionFactory,
    SampleFactory,
)
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db
FIRST = order_named("")


@pytest.fixture
def category():
    return CategoryFactory.create(slug="nut", name="Nut")


@pytest.fixture
def version(category):
    return ModelVersionFactory.create(category=category)


@pytest.fixture
def rows(category, version):
    """Six photos in the queue of a category that wants a second opinion on each."""
    rules = rules_of(category)
    rules.second_share = 1.0
    rules.save()
    batch = BatchFactory.create(category=category)
    found = InspectionFactory.create_batch(
        6, judged=True, batch=batch, version=version, verdict=Verdict.REVIEW, score=0.45
    )
    for row in found:
        row.refresh_from_db()
    enqueue(found)
    return found


@pytest.fixture
def ann(person):
    return person("QA manager", "ann")


@pytest.fixture
def bob(person):
    return person("QA manager", "bob")


def in_hand(person):
    return {entry.inspection_id for entry in lend(person, category=None, order=FIRST)}


def test_it_comes_to_another_person_and_never_to_the_first(rows, ann, bob):
    decide(rows[0], Finding("good"), by=ann)
    assert rows[0].pk not in in_hand(ann) and waiting(person=ann).count() == 5
    Entry.objects.update(lent_to=None, lent_until=None)
    assert rows[0].pk in in_hand(bob) and waiting(person=bob).count() == 6
    decide(rows[0], Finding("defective"), by=bob)
    opinion = SecondOpinion.objects.get()
    assert (opinion.first.person, opinion.second.person) == (ann, bob)
    Entry.objects.update(lent_to=None, lent_until=None)
    assert rows[0].pk not in in_hand(bob) | in_hand(ann), "twice is enough"
    rows[0].refresh_from_db()
    assert rows[0].outcome == "defective", "the newest standing review"


def test_the_first_decision_is_not_on_the_card(rows, ann, bob, client_of):
    decide(rows[0], Finding("defective", "Hairline", comment="Upper left."), by=ann)
    browser = client_of("QA manager")
    page = browser.get("/review/").content.decode()
    assert rows[0].filename in page
    assert "Upper left." not in page and ann.username not in re.findall(r"\w+", page)


def test_what_share_is_drawn_can_be_checked(rows, ann, category):
    rules = rules_of(category)
    rules.second_share = 0.5
    rules.save()
    for row in rows:
        decide(row, Finding("good"), by=ann)
    drawn = set(SecondOpinion.objects.values_list("inspection_id", flat=True))
    assert drawn == {row.pk for row in rows if is_drawn(f"second:{rules.seed}", row.pk, 0.5)}


def test_what_waits_for_a_second_person_is_not_left_for_the_first(rows, ann, client_of, category):
    browser = client_of("QA manager")
    browser.force_login(ann)
    for row in rows[:3]:
        decide(row, Finding("good"), by=ann)
    for address in ("/review/", "/review/?category=nut", "/review/grid/"):
        page = browser.get(address)
        assert (page.context["left"], page.context["for_others"]) == (3, 3)
        assert "For a second person" in page.content.decode()
    for row in rows[3:]:
        decide(row, Finding("good"), by=ann)
    page = browser.get("/review/").content.decode()
    assert "6 wait for a second person" in page
    home = browser.get("/").content.decode()
    assert "Nothing waits for your decision" in home and "6 wait for a second person" in home
    assert client_of("QA manager").get("/review/").context["left"] == 6


def test_nobody_is_alerted_of_what_nobody_may_decide(rows, ann, person):
    entries = Entry.objects.filter(closed=None)
    decide(rows[0], Finding("good"), by=ann)
    assert without_unreachable(entries).count() == 5
    person("Admin")
    assert without_unreachable(entries).count() == 6


def test_without_a_share_none_comes_again(rows, ann, category):
    rules = rules_of(category)
    rules.second_share = 0.0
    rules.save()
    decide(rows[0], Finding("good"), by=ann)
    assert not SecondOpinion.objects.exists() and Entry.objects.get(inspection=rows[0]).closed


def test_a_first_decision_that_is_taken_back_wants_no_second(rows, ann):
    review = decide(rows[0], Finding("good"), by=ann)
    withdraw(review, by=ann)
    assert not SecondOpinion.objects.exists()
    assert rows[0].pk in in_hand(ann)


def test_a_corrected_first_decision_waits_for_a_second_person_as_before(rows, ann, bob):
    decide(rows[0], Finding("good"), by=ann)
    corrected = decide(rows[0], Finding("defective"), by=ann)
    assert rows[0].pk not in in_hand(ann)
    withdraw(corrected, by=ann)
    assert rows[0].pk not in in_hand(ann) and rows[0].pk in in_hand(bob)
    decide(rows[0], Finding("good"), by=bob)
    opinion = SecondOpinion.objects.get()
    assert (opinion.first.decision, opinion.second.decision) == ("good", "good")


def test_who_has_read_the_first_decision_gives_no_second_opinion(rows, ann, bob, category, client_of):
    decide(rows[0], Finding("good"), by=ann)
    browser = client_of("QA manager")
    browser.force_login(bob)
    assert "Good" in browser.get(f"/inspections/{rows[0].pk}/reviews/").content.decode()
    decide(rows[0], Finding("good"), by=bob)
    assert pairs(category.pk) == [] and Entry.objects.get(inspection=rows[0]).closed


def test_what_is_undone_and_decided_anew_is_drawn_as_if_it_were_the_first(rows, ann):
    withdraw(decide(rows[0], Finding("good"), by=ann), by=ann)
    decide(rows[0], Finding("defective"), by=ann)
    assert SecondOpinion.objects.get().first.decision == "defective"


def test_a_second_one_that_is_taken_back_is_waited_for(rows, ann, bob):
    decide(rows[0], Finding("good"), by=ann)
    assert rows[0].pk in in_hand(bob)
    review = decide(rows[0], Finding("good"), by=bob)
    withdraw(review, by=bob)
    assert SecondOpinion.objects.get().second is None
    assert rows[0].pk in in_hand(bob) and rows[0].pk not in in_hand(ann)


def test_a_corrected_second_one_leaves_nothing_to_decide_when_the_older_is_taken_back(rows, ann, bob):
    decide(rows[0], Finding("good"), by=ann)
    in_hand(bob)
    older = decide(rows[0], Finding("good"), by=bob)
    decide(rows[0], Finding("defective"), by=bob)
    withdraw(older, by=bob)
    rows[0].refresh_from_db()
    assert rows[0].outcome == "defective"
    assert not SecondOpinion.objects.exists()
    assert rows[0].pk not in in_hand(bob) | in_hand(ann)


def test_agreement_by_pair(rows, ann, bob, category, client_of):
    """By hand: of six, five alike. ann: 3 good, 3 defective; bob: 2 and 4. By chance 0.5, so kappa 2/3."""
    for row, one, other in zip(rows, "gggddd", "ggdddd", strict=True):
        word = {"g": "good", "d": "defective"}
        # Who decides first changes nothing.
        people = [(ann, one), (bob, other)]
        for by, said in people if row.pk % 2 else reversed(people):
            Entry.objects.filter(inspection=row).update(lent_to=by)
            decide(row, Finding(word[said]), by=by)
    (pair,) = pairs(category.pk)
    assert pair.people == ("ann", "bob") and pair.apart == [rows[2].pk]
    assert pair.first.count("good") == 3 and pair.second.count("good") == 2
    assert answers(client_of, "/review/agreement/") == ALL | {"Inspector": 403}
    page = client_of("QA manager").get("/review/agreement/").content.decode()
    assert "0.67" in page and "ann and bob" in page
    assert reverse("inspections:inspection", args=[rows[2].pk]) in page


# --- To compare with -------------------------------------------------------------------------
def golden_sample(category):
    return golden_samples([category])[category.pk]


def test_the_golden_sample_is_chosen_else_the_most_typical(category, version, client_of):
    assert golden_sample(category) is None
    trained = SampleFactory.create(category=category)
    assert golden_sample(category) == trained.pk
    JudgementFactory.create(version=version, score=0.3)
    typical = JudgementFactory.create(version=version, score=0.1)
    JudgementFactory.create(version=version, score=0.01, label="blot")
    assert golden_sample(category) == typical.sample_id
    browser = client_of("QA manager")
    assert "Use as the good part in Review" in browser.get(f"/samples/{trained.pk}/").content.decode()
    browser.post(reverse("reviews:golden", args=[trained.pk]))
    assert golden_sample(category) == trained.pk
    page = browser.get(f"/samples/{trained.pk}/").content.decode()
    assert "Review shows this photo as the good part" in page
    bad = SampleFactory.create(category=category, split="test", label="blot")
    refused = browser.post(reverse("reviews:golden", args=[bad.pk]), follow=True)
    assert "Choose a photo of a good part" in refused.content.decode()
    trained.delete()
    assert golden_sample(category) == typical.sample_id
    assert client_of("Inspector").post(reverse("reviews:golden", args=[bad.pk])).status_code == 403
    assert "reviews/golden.html" in slots.templates("sample-actions")


def test_a_shadow_has_no_say_in_which_good_part_is_typical(category, version):
    """Its scores have another scale."""
    typical = JudgementFactory.create(version=version, score=0.3)
    shadow = ModelVersionFactory.create(category=category, standing=Standing.CANDIDATE)
    DeploymentFactory.create(version=shadow, kind=Kind.SHADOW)
    JudgementFactory.create(version=shadow, score=0.01)
    assert golden_sample(category) == typical.sample_id


def test_beside_a_photo_are_its_neighbours_in_the_lot(category, version):
    batch, other = BatchFactory.create(category=category), BatchFactory.create(category=category)
    now = batch.created
    made = [
        InspectionFactory.create(
            judged=True,
            batch=(batch, other)[n % 2],
            version=version,
            lot="" if n == 2 else "L1",
            created=now + timedelta(minutes=n),
        )
        for n in range(7)
    ]
    around = beside([made[4], made[2]])
    assert around[made[4].pk] == [made[1], made[3], made[5], made[6]]
    assert around[made[2].pk] == [made[0], made[4], made[6]]


def test_an_inspector_disputes_by_a_key(category, version, person, client_of):
    mine = BatchFactory.create(category=category, submitted_by=person("Inspector"))
    row = InspectionFactory.create(judged=True, batch=mine, version=version)
    browser = client_of("Inspector")
    assert 'data-key="w"' in browser.get(f"/inspections/{row.pk}/reviews/").content.decode()
    browser.post(reverse("reviews:dispute", args=[row.pk]), {"reason": "Only dust."})
    assert "Only dust." in browser.get(f"/inspections/{row.pk}/reviews/").content.decode()
    other = InspectionFactory.create(
        judged=True, batch=BatchFactory.create(category=category), version=version
    )
    assert 'data-key="w"' not in browser.get(f"/inspections/{other.pk}/reviews/").content.decode()
