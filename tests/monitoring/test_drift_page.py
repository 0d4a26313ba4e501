"""Drift in words and as bands; escapes and false calls: from photos and reviews in the database."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inspector.core.roles import Role
from inspector.inspections.models import Inspection, Verdict
from inspector.monitoring.rebuild import rebuild
from inspector.registry.models import Change, Deployment
from inspector.reviews.decide import Finding, decide
from inspector.reviews.dispute import dispute
from inspector.reviews.models import Entry, Why
from tests.factories import (
    BatchFactory,
    CategoryFactory,
    DeploymentFactory,
    InspectionFactory,
    JudgementFactory,
    ModelVersionFactory,
)
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(minute=30, second=0, microsecond=0)


@pytest.fixture
def line():
    """100 photos of the days after a promotion, and 60 new ones; scores, brightness: factors of theirs."""

    def make(name="Hex nut", *, scores=1.0, brightness=1.0):
        category = CategoryFactory.create(name=name, slug=name.lower().replace(" ", "-"))
        version = ModelVersionFactory.create(category=category, promoted=NOW - timedelta(days=30))
        draw = random.Random(name)
        batch = BatchFactory.create(category=category)
        rows = []
        for n in range(160):
            late = n >= 100
            age = timedelta(hours=60 - (n - 100)) if late else timedelta(days=29, hours=-n)
            rows.append(
                InspectionFactory.build(
                    judged=True,
                    batch=batch,
                    version=version,
                    category=category,
                    submitted_by=batch.submitted_by,
                    verdict=Verdict.OK,
                    score=draw.uniform(0.18, 0.22) * (scores if late else 1),
                    brightness=draw.uniform(115, 125) * (brightness if late else 1),
                    sharpness=draw.uniform(90, 110),
                    created=NOW - age,
                )
            )
        Inspection.objects.bulk_create(rows)
        return category

    return make


@pytest.mark.parametrize("page", ["drift", "escapes"])
def test_who_sees_it(client_of, api_of, page):
    assert answers(client_of, f"/trends/{page}/") == ALL | {"Inspector": 403}
    assert api_of("Inspector").get(f"/api/trends/{page}/").status_code == 403
    assert api_of("QA manager").get(f"/api/trends/{page}/").status_code == 200


def test_a_lamp_that_is_brighter_is_told_in_words(client_of, api_of, line, monkeypatch):
    monkeypatch.setattr("inspector.monitoring.recent.LAST", 60)
    line("Hex nut", scores=1.18, brightness=1.2)
    line("Bracket")
    page = client_of("QA manager").get("/trends/drift/")
    told = {(str(one.category), one.measure.name): one.words for one in page.context["drifts"]}
    assert set(told) == {("Hex nut", "score"), ("Hex nut", "brightness")}
    assert "good-looking parts of hex nut score 1" in told["Hex nut", "score"].lower()
    assert told["Hex nut", "brightness"].endswith("brighter than the weeks after v1 was promoted.") or (
        "brighter than" in told["Hex nut", "brightness"]
    )
    found = api_of("QA manager").get("/api/trends/drift/?category=hex-nut").json()
    assert {
        (one["measure"], one["finding"]) for one in found if one["percent"] and one["finding"] != "steady"
    } >= {("brightness", "higher")}


def test_estimates_of_a_quick_draft_are_compared_with_estimates_alone(client_of, line):
    """Neither with good test photos nor with what the model said before."""
    category = line("Hex nut", scores=1.5)
    version, switched = category.versions.get(), NOW - timedelta(hours=61)
    for n in range(30):
        JudgementFactory.create(version=version, score=0.1 + n / 1000)
    Deployment.objects.update(until=switched)
    DeploymentFactory.create(version=version, fast=True, change=Change.LIMITS, since=switched)
    Inspection.objects.filter(created__gte=switched).update(drafted=True)
    page = client_of("QA manager").get("/trends/drift/?category=hex-nut")
    against = {one.against for one in page.context["comparisons"]}
    assert against == {f"the weeks after v{version.number} began to judge with a quick draft"}
    assert not page.context["drifts"], "the step of the switch is none"
    assert "In part estimates of a quick draft" in page.content.decode()


@pytest.mark.parametrize(
    ("last", "words"), [(60, "Nothing drifts"), (2, "Nothing can be said yet: too few photos")]
)
def test_steady_photos_are_steady_and_of_few_nothing_is_said(client_of, line, monkeypatch, last, words):
    monkeypatch.setattr("inspector.monitoring.recent.LAST", last)
    line("Bracket")
    assert words in client_of("QA manager").get("/trends/drift/").content.decode()


def test_without_a_version_in_use_it_says_who_makes_one(client_of):
    assert (
        "Train a category and promote a version first."
        in client_of("Admin").get("/trends/drift/").content.decode()
    )
    assert "to promote a version" in client_of("QA manager").get("/trends/drift/").content.decode()


def test_bands_over_time_of_one_category(client_of, line):
    line("Hex nut", brightness=0.8)
    page = client_of("QA manager").get("/trends/drift/?category=hex-nut")
    figures = {one.name: one for one in page.context["figures"]}
    assert set(figures) == {"bands-score", "bands-brightness", "bands-sharpness", "bands-size"}
    known = [row for row in figures["bands-brightness"].rows if row["median"] is not None]
    assert known[0]["median"] > 110 and known[-1]["median"] < 100
    assert known[0]["low"] <= known[0]["quarter"] <= known[0]["median"] <= known[0]["high"]
    csv = client_of("QA manager").get("/trends/bands-score.csv?category=hex-nut")
    assert csv.status_code == 200 and b"Median" in b"".join(csv.streaming_content)
    assert client_of("QA manager").get("/trends/bands-score.csv").status_code == 400


def test_drift_asks_the_database_a_bounded_number_of_times(client_of, line):
    line("Hex nut")
    client = client_of("QA manager")
    client.get("/trends/drift/")
    with CaptureQueriesContext(connection) as asked:
        client.get("/trends/drift/?category=hex-nut")
    assert len(asked) <= 16, [one["sql"][:80] for one in asked]


def test_a_sample_of_many_photos_is_even(line, monkeypatch):
    from inspector.monitoring import recent

    category = line("Hex nut")
    monkeypatch.setattr(recent, "SAMPLE", 40)
    found = recent.sample(category, NOW - timedelta(days=31), NOW)
    assert 35 <= len(found) <= 41
    assert found[0].created < NOW - timedelta(days=28) and found[-1].created > NOW - timedelta(days=1)


def judged(verdict, n, why=None, probability=1.0):
    batch = BatchFactory.create(category=CategoryFactory.create())
    version = ModelVersionFactory.create(category=batch.category)
    rows = InspectionFactory.create_batch(n, judged=True, batch=batch, version=version, verdict=verdict)
    for row in rows if why else []:
        Entry.objects.create(
            inspection=row,
            category=row.category,
            why=why,
            probability=probability,
            doubt=1,
            relative_score=0.5,
        )
    return rows


def test_escapes_are_estimated_from_random_checks(client_of, person):
    qa = person(Role.QA_MANAGER)
    checked = judged(Verdict.OK, 12, Why.CHECK, 0.1)
    for i, row in enumerate(checked):
        decide(row, Finding("defective" if i == 0 else "good"), by=qa)
    InspectionFactory.create_batch(
        28, judged=True, batch=checked[0].batch, version=checked[0].version, verdict=Verdict.OK
    )
    rebuild()
    page = client_of("QA manager").get("/trends/escapes/")
    escapes, calls = page.context["sides"]
    assert (escapes.estimate.parts, escapes.estimate.decided) == (40, 12)
    assert escapes.estimate.share == pytest.approx(1 / 12)
    assert escapes.estimate.low < 1 / 12 < escapes.estimate.high
    assert "of parts judged OK were defective" in escapes.words
    assert "more random checks of OK photos" in escapes.advice or "that are left" in escapes.advice
    assert calls.words == "No part of this period was judged ANOMALY."


def test_what_was_not_drawn_stands_for_itself_alone(client_of, person):
    qa = person(Role.QA_MANAGER)
    rows = judged(Verdict.OK, 30)
    dispute(rows[0], by=qa, reason="A scratch")
    decide(rows[0], Finding("defective"), by=qa)
    decide(rows[1], Finding("defective"), by=qa)
    dispute(rows[2], by=qa, reason="Look again")
    rebuild()
    strata = {
        one.why: one
        for one in client_of("QA manager").get("/trends/escapes/").context["sides"][0].estimate.strata
    }
    assert {why: (one.parts, one.decided, one.hits) for why, one in strata.items()} == {
        "disputed": (2, 1, 1),
        "by hand": (1, 1, 1),
        "check": (27, 0, 0),
    }


def test_false_calls_are_anomalies_that_people_call_good(api_of, person):
    qa = person(Role.QA_MANAGER)
    for i, row in enumerate(judged(Verdict.ANOMALY, 10, Why.ANOMALY)):
        decide(row, Finding("good" if i < 3 else "defective"), by=qa)
    rebuild()
    escapes, calls = api_of("QA manager").get("/api/trends/escapes/").json()
    assert (calls["share"], calls["low"], calls["high"]) == (0.3, 0.3, 0.3), "all of them were decided"
    assert escapes["parts"] == 0


def test_photos_drawn_and_not_decided_yet_are_pointed_out(client_of, api_of, person):
    for row in judged(Verdict.OK, 6, Why.CHECK)[:2]:
        decide(row, Finding("defective"), by=person(Role.QA_MANAGER))
    judged(Verdict.ANOMALY, 1, Why.ANOMALY)
    rebuild()
    page = " ".join(client_of("QA manager").get("/trends/escapes/").content.decode().split())
    assert "4 photos drawn for this estimate are still in the queue" in page
    sides = api_of("QA manager").get("/api/trends/escapes/").json()
    assert [side["waiting"] for side in sides] == [4, 1]


def test_a_narrower_interval_takes_more_reviews(client_of, person):
    decide(judged(Verdict.OK, 60, Why.CHECK)[0], Finding("good"), by=person(Role.QA_MANAGER))
    rebuild()
    client = client_of("QA manager")
    wide, narrow = (
        client.get(f"/trends/escapes/?width={width}").context["sides"][0].plan.reviews
        for width in ("0.05", "0.001")
    )
    assert 0 < wide <= narrow
    assert client.get("/trends/escapes/?width=7").status_code == 400
