"""What runs of today and of former times say of a version, as attributes."""

import pytest

from detection.results import Confusion, Evaluation, InReview
from inspector.registry.making import ChosenThreshold, Making

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
