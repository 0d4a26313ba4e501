"""What runs of today and of former times say of a version, as attributes."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from inspector.registry.making import ChosenThreshold, Making
from inspector.registry.models import ModelVersion
from inspector.registry.results import Confusion, InReview, Results
from tests.factories import CategoryFactory

RATE = {"count": 1, "n": 20, "rate": 0.05, "low": 0.0, "high": 0.2}


def test_a_version_that_was_judged_on_nothing_knows_nothing():
    nothing = Results.from_dict({})
    assert nothing == Results()
    assert (nothing.n, nothing.confusion, nothing.review, nothing.interval("f1")) == (0, None, None, ())
    assert Making.from_dict({}) == Making()


@pytest.mark.parametrize("empty", [None, {}, [], ()])
def test_what_was_stored_as_empty_is_as_good_as_missing(empty):
    names = ("confusion", "review", "rates", "by_defect", "pixel", "intervals", "p_values", "policies")
    assert Results.from_dict(dict.fromkeys(names, empty)) == Results()
    names = ("threshold", "images", "turns", "learning", "odd", "examples", "ranking", "options")
    assert Making.from_dict(dict.fromkeys(names, empty)) == Making()


def test_what_was_measured_is_read_whole():
    measured = Results.from_dict(
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


@pytest.mark.django_db(transaction=True)
def test_what_review_was_chosen_by_is_read_once_out_of_the_former_sentence():
    executor = MigrationExecutor(connection)
    executor.migrate([(app, name) for app, name in executor.loader.graph.leaf_nodes() if app != "registry"])
    executor.migrate([("registry", "0004_words")])
    category = CategoryFactory.create(slug="nut")
    former = executor.loader.project_state([("registry", "0004_words")]).apps
    make = former.get_model("registry", "ModelVersion").objects.create
    for number, (chosen_on, review_from) in enumerate(
        [(BY_GOOD, 0.4), (BY_DEFECTS, 0.4), (LIMITS, None), (None, None)], 1
    ):
        told: dict[str, Any] = {"chosen_on": chosen_on, "review_from": review_from} if chosen_on else {}
        make(
            category_id=category.pk,
            number=number,
            method="unet",
            config={"seed": 0} | ({"threshold": told} if told else {}),
            threshold=0.5,
            map_low=0,
            map_high=1,
        )
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    found = ModelVersion.objects.order_by("number")
    assert [version.making.threshold.review_by for version in found] == ["good", "defects", "", ""]
    assert found[0].config["threshold"]["chosen_on"] == BY_GOOD
    assert found[3].config == {"seed": 0}
    found.delete()
