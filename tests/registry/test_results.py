"""What runs of today and of former times say of a version, as attributes."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from detection.results import Confusion, Evaluation, InReview
from inspector.registry.making import ChosenThreshold, Making
from inspector.registry.models import ModelVersion
from inspector.registry.odd import warnings
from inspector.registry.ranking import ranking
from tests.factories import CategoryFactory

RATE = {"count": 1, "n": 20, "rate": 0.05, "low": 0.0, "high": 0.2}


def test_a_version_that_was_judged_on_nothing_knows_nothing():
    nothing = Evaluation.from_dict({})
    assert nothing == Evaluation()
    assert (nothing.n, nothing.confusion, nothing.review, nothing.interval("f1")) == (0, None, None, ())
    assert Making.from_dict({}) == Making()


@pytest.mark.parametrize("empty", [None, {}, [], ()])
def test_what_was_stored_as_empty_is_as_good_as_missing(empty):
    names = ("confusion", "review", "rates", "by_defect", "pixel", "intervals", "p_values", "policies")
    assert Evaluation.from_dict(dict.fromkeys(names, empty)) == Evaluation()
    names = ("threshold", "images", "turns", "learning", "odd", "examples", "ranking", "options")
    assert Making.from_dict(dict.fromkeys(names, empty)) == Making()


def test_what_was_measured_is_read_whole():
    measured = Evaluation.from_dict(
        {
            "n_good": 20,
            "n_defect": 10,
            "confusion": {"tp": 6, "fn": 4, "fp": 1, "tn": 19},
            "review": {"good": 2, "defect": 3},
            "rates": {"false_alarm": RATE, "miss": RATE | {"n": 0}},
            "by_defect": {"scratch": {"n": 10}, "dent": {"n": 1, "recall_interval": [0.1, 0.9]}},
            "intervals": {"f1": [0.8, 0.95], "recall": None},
            "p_values": [{"p": 0.05, "n": 20, "share": 0.1}],
            "policies": [{"policy": "f1", "threshold": 4.0, "miss": RATE}],
        }
    )
    assert (measured.n, measured.confusion) == (30, Confusion(tp=6, fp=1, tn=19, fn=4))
    assert measured.review == InReview(good=2, defect=3)
    assert (measured.rates.false_alarm.count, measured.rates.miss) == (1, None)
    assert [(one.name, one.recall_interval) for one in measured.by_defect] == [
        ("dent", (0.1, 0.9)),
        ("scratch", ()),
    ]
    assert (measured.interval("f1"), measured.interval("recall")) == ((0.8, 0.95), ())
    (row,) = measured.policies
    assert (row.in_use, row.review, row.rates.false_alarm, row.rates.miss.high) == (False, None, None, 0.2)


def test_whether_there_is_a_review_band_and_whether_that_is_known_are_two_things():
    chosen = ChosenThreshold.from_dict
    assert not chosen({"policy": "f1"}).knows_review
    none = chosen({"policy": "f1", "review_from": None})
    assert (none.knows_review, none.review_from) == (True, None)


# --- Databases of a former time --------------------------------------------------------------
LIMITS = "At most 1 % of good parts are ANOMALY."
BY_GOOD = f"{LIMITS} REVIEW begins where at most 5 % of good parts score 0.4 or more."
BY_DEFECTS = f"{LIMITS} REVIEW begins where 95 % of the 9 labelled defects score 0.4 or more."
ODD = "1 of 9 training photos does not look like the rest (a.png): look at it."
STRANGE = {"name": "a.png", "sha256": "a", "score": 9.0, "usual": 1.0}
LACKS = "resnet18 could not be downloaded{}. Either let it, or put it there."
RANKING = {
    "chosen": "filterbank",
    "why": "patchcore-padim alone (AUROC 0.9): patchcore-padim+filterbank is no better.",
    "candidates": [{"method": "padim", "left_out": LACKS.format(" (<urlopen error [Errno -3]>)")}],
}
FORMER: list[dict[str, Any]] = [
    {"threshold": {"chosen_on": BY_GOOD, "review_from": 0.4}, "ranking": RANKING},
    {"threshold": {"chosen_on": BY_DEFECTS, "review_from": 0.4}, "odd": [STRANGE]},
    {"threshold": {"chosen_on": LIMITS, "review_from": None}},
    {"seed": 0},
]


@pytest.fixture
def former():
    """Versions as they were stored before reasons had codes, then migrated."""
    executor = MigrationExecutor(connection)
    executor.migrate([("registry", "0004_words")])
    category = CategoryFactory.create(slug="nut")
    state = executor.loader.project_state([("registry", "0004_words")]).apps
    make = state.get_model("registry", "ModelVersion").objects.create
    values = {"method": "unet", "threshold": 0.5, "map_low": 0, "map_high": 1}
    for number, config in enumerate(FORMER, 1):
        metrics = {"n_good": 9, "warnings": [ODD, "Few photos."]} if "odd" in config else {}
        make(category_id=category.pk, number=number, config=config, metrics=metrics, **values)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    yield list(ModelVersion.objects.order_by("number"))
    ModelVersion.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_reasons_of_former_times_are_read_once_out_of_their_sentences(former):
    chosen = [version.making.threshold for version in former]
    assert [(one.review_by, one.review_from) for one in chosen] == [
        ("good", 0.4),
        ("defects", 0.4),
        ("", None),
        ("", None),
    ]
    told = ranking(former[0])
    assert told.why == (
        "PatchCore with PaDiM alone (AUROC 0.9): PatchCore with PaDiM + Filter bank is no better."
    )
    assert [row.left_out for row in told.candidates] == [LACKS.format("")]
    assert warnings(former[1]) == ["Few photos."]
    assert former[0].config["threshold"]["chosen_on"] == BY_GOOD, "what the run said stays"
    assert former[0].config["ranking"]["why"] == RANKING["why"]
    assert [version.config for version in former[2:]] == FORMER[2:]
