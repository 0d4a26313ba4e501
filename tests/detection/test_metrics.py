"""Metrics against hand values and scikit-learn; None where a class is absent."""

from dataclasses import asdict, astuple

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from detection.metrics import image as metrics
from detection.results import Confusion, DefectResult, WrongRates

SCORES = [0.1, 0.4, 0.35, 0.8]
DEFECT = [False, False, True, True]


def test_image_auroc_is_the_share_of_pairs_in_the_right_order():
    assert metrics.image_auroc(SCORES, DEFECT) == 0.75
    assert metrics.image_auroc([1, 1], [True, False]) == 0.5


def test_roc_is_finite_and_starts_at_nothing_flagged():
    curve = metrics.roc(SCORES, DEFECT)
    assert curve.fpr == (0, 0, 0.5, 0.5, 1)
    assert curve.tpr == (0, 0.5, 0.5, 1, 1)
    assert np.isfinite(curve.thresholds).all()
    assert curve.thresholds[0] > 0.8


@pytest.mark.parametrize("labels", [[True] * 4, [False] * 4])
def test_nothing_is_made_up_where_a_class_is_absent(labels):
    assert metrics.image_auroc(SCORES, labels) is None
    assert metrics.roc(SCORES, labels) is None
    precision, recall, f1 = metrics.precision_recall_f1(metrics.confusion([True] * 4, labels))
    assert (precision, f1) == (None, None)
    assert recall == (1.0 if labels[0] else None)


def test_nothing_flagged_has_no_precision_and_an_f1_of_zero():
    counts = metrics.confusion([False] * 4, DEFECT)
    assert metrics.precision_recall_f1(counts) == (None, 0.0, 0.0)


def test_decisions_as_scikit_learn_counts_them():
    random = np.random.default_rng(0)
    flagged, defect = random.random(200) < 0.4, random.random(200) < 0.3
    counts = metrics.confusion(flagged, defect)
    assert sum(astuple(counts)) == 200
    assert metrics.precision_recall_f1(counts) == pytest.approx(
        (precision_score(defect, flagged), recall_score(defect, flagged), f1_score(defect, flagged))
    )


def test_each_kind_of_defect_is_set_against_all_good_images():
    scores, labels = np.array([1.0, 2.0, 3.0, 0.5, 9.0]), ["good", "good", "crack", "crack", "burr"]
    results = metrics.by_defect(scores, scores >= 2.5, labels)
    assert results == (
        DefectResult(
            name="burr",
            n=1,
            flagged=1,
            recall=1.0,
            recall_interval=pytest.approx((0.025, 1.0)),
            precision=1.0,
            f1=1.0,
            image_auroc=1.0,
            average_precision=1.0,
        ),
        DefectResult(
            name="crack",
            n=2,
            flagged=1,
            recall=0.5,
            recall_interval=pytest.approx((0.0126, 0.9874), abs=1e-4),
            precision=1.0,
            f1=pytest.approx(2 / 3),
            image_auroc=0.5,
            average_precision=0.75,
        ),
    )


def noisy(n_good, n_defect, seed=0):
    """Overlapping scores, many of them equal."""
    random = np.random.default_rng(seed)
    scores = np.concatenate([random.normal(0, 1, n_good), random.normal(1, 1, n_defect)]).round(1)
    return scores, np.repeat([False, True], [n_good, n_defect])


def test_auroc_as_counting_all_pairs_gives_it():
    scores, defect = noisy(30, 20)
    pairs = [(d > g) + (d == g) / 2 for d in scores[defect] for g in scores[~defect]]
    assert metrics.image_auroc(scores, defect) == pytest.approx(np.mean(pairs))


def test_average_precision_by_hand_and_step_by_step():
    assert metrics.average_precision(SCORES, DEFECT) == pytest.approx((1 + 2 / 3) / 2)
    scores, defect = noisy(30, 20)
    area, before = 0.0, 0.0
    for value in sorted(set(scores.tolist()), reverse=True):
        flagged = scores >= value
        recall, precision = (flagged & defect).sum() / 20, (flagged & defect).sum() / flagged.sum()
        area, before = area + (recall - before) * precision, recall
    assert metrics.average_precision(scores, defect) == pytest.approx(area)
    assert metrics.average_precision([1, 1], [True, True]) is None


def test_a_precision_recall_curve_has_the_point_of_each_threshold():
    curve = metrics.pr(SCORES, DEFECT)
    assert curve.thresholds == (0.8, 0.4, 0.35, 0.1)
    assert curve.recall == (0.5, 0.5, 1, 1)
    assert curve.precision == pytest.approx([1, 0.5, 2 / 3, 0.5])
    scores, defect = noisy(30, 20)
    curve = metrics.pr(scores, defect)
    for recall, precision, value in zip(*astuple(curve), strict=True):
        assert recall == pytest.approx(recall_score(defect, scores >= value))
        assert precision == pytest.approx(precision_score(defect, scores >= value))
    assert metrics.pr(SCORES, [True] * 4) is None


def test_rates_have_exact_bounds_and_are_left_out_where_there_is_nothing_to_count():
    rates = metrics.rates(Confusion(tp=9, fn=1, fp=0, tn=20))
    assert asdict(rates.miss) == pytest.approx(
        {"count": 1, "n": 10, "rate": 0.1, "low": 0.00253, "high": 0.44502}, abs=1e-5
    )
    assert asdict(rates.false_alarm) == pytest.approx(
        {"count": 0, "n": 20, "rate": 0, "low": 0, "high": 1 - 0.025 ** (1 / 20)}
    )
    assert set(metrics.rates(Confusion(tp=1, fn=1, fp=0, tn=0)).as_dict()) == {"miss"}
    assert metrics.rates(Confusion(tp=0, fn=0, fp=0, tn=0)) == WrongRates()
