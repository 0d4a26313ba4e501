"""A version's two limits, ANOMALY and REVIEW: told with what each promises, and counted alike everywhere."""

from dataclasses import asdict

import pytest

from detection import TrainOptions
from detection.verdicts import thresholds
from detection.verdicts.thresholds import GoodScores
from inspector.registry import metrics
from inspector.registry.alternatives import policies
from inspector.registry.compare import compare
from inspector.registry.limits import limits
from inspector.registry.models import Standing
from inspector.registry.pairs import paired
from inspector.registry.report import kinds
from tests.factories import CategoryFactory, JudgementFactory, ModelVersionFactory

GOOD = [1 + n / 100 for n in range(200)]
RATE = {"rate": 0.3, "low": 0.07, "high": 0.65}
METRICS = {
    "n_good": 20,
    "n_defect": 10,
    "confusion": {"tp": 6, "fn": 4, "fp": 1, "tn": 19},
    "review": {"good": 2, "defect": 3},
    "rates": {
        "false_alarm": RATE | {"count": 1, "n": 20},
        "miss": RATE | {"count": 4, "n": 10},
    },
    "by_defect": {"scratch": {"n": 10, "flagged": 6, "recall": 0.6}},
    "policies": [
        {
            "policy": "limits",
            "in_use": True,
            "target": 0.01,
            "threshold": 5.0,
            "review_from": 2.5,
            "review": {"good": 2, "defect": 3},
            "false_alarm": RATE | {"count": 1, "n": 20},
            "miss": RATE | {"count": 4, "n": 10},
        },
        {"policy": "f1", "target": None, "threshold": 4.0, "miss": RATE | {"count": 2, "n": 10}},
    ],
}


def config(defect=(), **asked):
    options = TrainOptions(**asked)
    chosen = thresholds.choose([], defect, GoodScores(tuple(GOOD), "photos"), options)
    return {"options": asdict(options), "threshold": asdict(chosen)}


def made(defect=(), metrics=None, number=1, category=None, **asked):
    told = config(defect, **asked)
    return ModelVersionFactory.create(
        category=category or CategoryFactory.create(slug="nut"),
        number=number,
        standing=Standing.ACTIVE if number == 1 else Standing.CANDIDATE,
        threshold=told["threshold"]["value"],
        metrics=metrics or {},
        config=told,
    )


def plain(text):
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ")


def body(response):
    assert response.status_code == 200
    return plain(" ".join(response.content.decode().split()))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("defect", "asked", "anomaly", "review"),
    [
        ((), {}, "at most 1 % of good parts are ANOMALY", "at most 5 % of good parts are REVIEW or ANOMALY"),
        (
            [1.5, 9.0],
            {},
            "at most 1 % of good parts are ANOMALY",
            "at least 95 % of the labelled defects are REVIEW or ANOMALY",
        ),
        (
            (),
            {"threshold": "conformal", "target": 0.02, "review": 0.1},
            "at most 2 % of good parts are flagged",
            "at most 10 % of good parts are REVIEW or ANOMALY",
        ),
        ((), {"review": 0.0}, "at most 1 % of good parts are ANOMALY", None),
    ],
)
def test_what_each_limit_promises_is_told_as_detection_chose_it(client_of, defect, asked, anomaly, review):
    version = made(defect, **asked)
    first, second = limits(version)
    assert (first.verdict, plain(first.promise)) == ("ANOMALY", anomaly)
    assert (second.verdict, second.begins is None) == ("REVIEW", review is None)
    assert plain(second.promise) == (review or "")
    for address in ("/categories/nut/", "/categories/nut/v1/"):
        page = body(client_of("Inspector").get(address))
        assert anomaly in page
        assert (review or "none: every photo is OK or ANOMALY") in page


@pytest.mark.django_db
def test_the_api_tells_both_limits(api_of):
    version, former = made(), ModelVersionFactory.create(config={})
    told = api_of("Inspector").get(f"/api/versions/{version.pk}/").json()
    assert told["review_from"] == version.config["threshold"]["review_from"]
    assert (told["threshold"], told["policy"]) == (version.threshold, "limits")
    listed = api_of("Inspector").get("/api/categories/nut/").json()["active_version"]
    assert (listed["review_from"], listed["policy"]) == (told["review_from"], "limits")
    told = api_of("Inspector").get(f"/api/versions/{former.pk}/").json()
    assert (told["review_from"], told["policy"]) == (None, None)


@pytest.mark.django_db
def test_a_version_without_test_photos_warns_too(client_of):
    version = made()
    version.config["warnings"] = ["2 of 40 training photos do not look like the rest."]
    version.save()
    assert version.config["warnings"][0] in body(client_of("QA manager").get("/categories/nut/v1/"))


@pytest.mark.django_db
def test_every_policy_tells_both_limits_and_whom_it_sends_to_a_person(client_of):
    version = made(metrics=METRICS)
    used, other = policies(version)
    assert (used.review_from, used.review) == (2.5, (2, 3))
    assert (used.missed.count, used.missed.n, used.missed.span) == (1, 10, ""), "one in REVIEW is not missed"
    assert (other.review_from, other.review, other.missed.count) == (None, None, 2)
    assert other.missed.span
    page = body(client_of("QA manager").get("/categories/nut/"))
    for words in ("REVIEW from", "Defects in REVIEW", "where 5 % of parts are defective"):
        assert words in page
    assert metrics.in_words(version) == "missed 1 of 10 defects, 1 false alarm on 20 good parts"


@pytest.fixture
def two(db):
    """The same photos: the first version flags what the second sends to a person."""
    counts = METRICS | {"confusion": METRICS["confusion"] | {"tp": 10, "fn": 0}, "review": {}}
    first = made(metrics=counts, review=0.0)
    second = made(metrics=METRICS, number=2, category=first.category)
    for n in range(10):
        one = JudgementFactory.create(version=first, label="scratch", score=9.0, verdict="ANOMALY")
        said = "ANOMALY" if n < 6 else "REVIEW" if n < 9 else "OK"
        JudgementFactory.create(version=second, sample=one.sample, label="scratch", score=3.0, verdict=said)
    return first, second


def test_beside_another_a_defect_in_review_is_not_missed(client_of, two):
    first, second = two
    rows = {row.name: row for row in compare(second, first, paired(second, first))}
    assert rows["Missed defects"].this.counted == (1, 10)
    assert rows["Missed defects"].other.counted == (0, 10)
    assert rows["Missed defects"].word == "no clear difference"
    assert (rows["For review"].this.counted, rows["For review"].other.counted) == ((5, 30), (0, 30))
    assert rows["For review"].word == ""
    page = body(client_of("Admin").get("/categories/nut/v2/promote/"))
    for words in ("ANOMALY from", "REVIEW from", "at most 5 % of good parts are REVIEW or ANOMALY"):
        assert words in page
    panel = body(client_of("Admin").get(f"/admin/registry/modelversion/{second.pk}/promote/"))
    assert "REVIEW from" in panel


def test_kinds_of_defect_tell_how_many_are_for_review(client_of, two):
    page = client_of("QA manager").get("/categories/nut/v2/")
    assert [(kind.name, kind.review) for kind in page.context["kinds"]] == [("scratch", 3)]
    assert [kind.review for kind in kinds(two[0])] == [None]
