"""The page that shows versions of several categories side by side."""

import csv

import pytest
from django.urls import reverse

from inspector.registry.models import Standing
from inspector.trials.selectors import MOST
from tests.factories import JudgementFactory, ModelVersionFactory, digest
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db
PAGE = "/compare/"
METRICS = ALL | {"Inspector": 403}


@pytest.fixture
def tested():
    """Two active versions and a candidate, each judged on two good and two defective photos."""
    versions = [
        ModelVersionFactory.create(category__name="Bottle", threshold=2.0),
        ModelVersionFactory.create(category__name="Nut", threshold=200.0),
        ModelVersionFactory.create(category__name="Washer", standing=Standing.CANDIDATE),
    ]
    for version in versions:
        version.metrics = {
            "n_good": 2,
            "n_defect": 2,
            "confusion": {"tp": 1, "fp": 0, "tn": 2, "fn": 1},
            "by_defect": {"crack": {"n": 2, "flagged": 1, "recall": 0.5}},
            "ms_per_image": 84.2,
        }
        version.save()
        for label, ratio in (("good", 0.2), ("good", 0.9), ("crack", 0.5), ("crack", 4.0)):
            JudgementFactory.create(version=version, label=label, score=ratio * version.threshold)
    return versions


def test_those_who_see_metrics_may_compare(client_of, tested):
    assert answers(client_of, PAGE) == METRICS


def test_active_versions_are_shown_unless_others_are_chosen(client_of, tested):
    bottle, nut, washer = tested
    page = client_of("QA manager").get(PAGE)
    assert [one.version for one in page.context["comparison"].shown] == [bottle, nut]
    page = client_of("QA manager").get(PAGE, {"version": [washer.pk, bottle.pk]})
    assert [one.version for one in page.context["comparison"].shown] == [washer, bottle]
    text = page.content.decode()
    assert "candidate" in text and "1 of 2" in text and "crack" in text


def test_scores_of_different_scales_lie_alike_in_multiples_of_their_thresholds(client_of, tested):
    shown = client_of("QA manager").get(PAGE).context["comparison"].shown
    assert shown[0].good == pytest.approx(shown[1].good)
    assert shown[0].rows == shown[1].rows
    assert shown[0].roc == [(0.0, 0.0), (0.0, 0.5), (0.5, 0.5), (0.5, 1.0), (1.0, 1.0)]


def test_queries_do_not_grow_with_versions(client_of, tested, django_assert_max_num_queries):
    client = client_of("QA manager")
    with django_assert_max_num_queries(14):
        client.get(PAGE, {"version": [version.pk for version in tested]})


def test_what_there_is_not_is_said(client_of, tested):
    client = client_of("QA manager")
    page = client.get(PAGE, {"version": [tested[0].pk, "999999", "x"]})
    assert "There is no version 999999, x" in page.content.decode()
    page = client.get(PAGE, {"version": list(range(1, MOST + 2))})
    assert page.status_code == 400
    assert f"at most {MOST} versions" in page.content.decode()


def test_without_versions_it_says_what_to_do(client_of):
    assert "There is nothing to compare yet" in client_of("QA manager").get(PAGE).content.decode()


def test_a_version_that_was_never_tested_says_so(client_of):
    version = ModelVersionFactory.create(threshold=0.0)
    assert "Not tested" in client_of("QA manager").get(PAGE, {"version": version.pk}).content.decode()


def test_csv_holds_every_number(client_of, tested):
    answer = client_of("QA manager").get(reverse("trials:table"), {"version": [one.pk for one in tested]})
    rows = list(csv.DictReader(answer.getvalue().decode("utf-8-sig").splitlines()))
    assert {row["category"] for row in rows} == {"Bottle", "Nut", "Washer"}
    [crack] = [row for row in rows if row["category"] == "Nut" and row["metric"] == "recall, crack"]
    assert (crack["value"], crack["count"], crack["of"]) == ("0.5", "1", "2")


def test_pdf(client_of, tested):
    answer = client_of("QA manager").get(reverse("trials:document"), {"version": [one.pk for one in tested]})
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_programs_get_the_same(client_of, tested):
    client = client_of("QA manager")
    [row] = client.get("/api/compare/", {"version": tested[1].pk}).json()
    assert row["id"] == tested[1].pk
    assert row["roc"][-1] == [1.0, 1.0]
    assert row["mistakes"][0] == {"name": "Missed defects", "count": 1, "n": 2}
    for bad in ({"version": 999999}, {"version": "x"}, {}):
        answer = client.get("/api/compare/", bad)
        assert answer.status_code == 400
        assert "version" in answer.json()["error"]["fields"]
    assert client_of("Inspector").get("/api/compare/", {"version": tested[1].pk}).status_code == 403


def test_a_name_that_is_a_formula_is_harmless(client_of):
    version = ModelVersionFactory.create(category__name="=1+1", sha256=digest("formula"))
    answer = client_of("QA manager").get(reverse("trials:table"), {"version": version.pk})
    assert ",=1+1" not in answer.getvalue().decode() and "\n=1+1" not in answer.getvalue().decode()
