"""Metrics against hand values and scikit-learn; None where a class is absent."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from detection import metrics

SCORES = [0.1, 0.4, 0.35, 0.8]
DEFECT = [False, False, True, True]


def test_image_auroc_is_the_share_of_pairs_in_the_right_order():
    assert metrics.image_auroc(SCORES, DEFECT) == 0.75
    assert metrics.image_auroc([1, 1], [True, False]) == 0.5


def test_roc_is_finite_and_starts_at_nothing_flagged():
    curve = metrics.roc(SCORES, DEFECT)
    assert curve["fpr"] == [0, 0, 0.5, 0.5, 1]
    assert curve["tpr"] == [0, 0.5, 0.5, 1, 1]
    assert np.isfinite(curve["thresholds"]).all()
    assert curve["thresholds"][0] > 0.8


@pytest.mark.parametrize("labels", [[True] * 4, [False] * 4])
def test_nothing_is_made_up_where_a_class_is_absent(labels):
    assert metrics.image_auroc(SCORES, labels) is None
    assert metrics.roc(SCORES, labels) == {}
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
    assert sum(counts.values()) == 200
    assert metrics.precision_recall_f1(counts) == pytest.approx(
        (precision_score(defect, flagged), recall_score(defect, flagged), f1_score(defect, flagged))
    )


def test_each_kind_of_defect_is_set_against_all_good_images():
    scores, labels = np.array([1.0, 2.0, 3.0, 0.5, 9.0]), ["good", "good", "crack", "crack", "burr"]
    found = metrics.by_defect(scores, scores >= 2.5, labels)
    assert found == {
        "burr": {"n": 1, "flagged": 1, "recall": 1.0, "image_auroc": 1.0},
        "crack": {"n": 2, "flagged": 1, "recall": 0.5, "image_auroc": 0.5},
    }
