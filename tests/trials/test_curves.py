"""ROC and precision-recall curves against scikit-learn."""

import random

import numpy as np
import pytest
from sklearn.metrics import auc, precision_recall_curve, roc_curve

from inspector.trials.curves import MOST, precision_recall, roc


def test_roc_has_the_corners_of_an_independent_implementation():
    random.seed(1)
    good = [round(random.gauss(0, 1), 1) for _ in range(40)]  # rounded: some are equal
    defective = [round(random.gauss(1, 1), 1) for _ in range(30)]
    alarms, hits, _ = roc_curve([0] * 40 + [1] * 30, good + defective, drop_intermediate=False)
    points = roc(good, defective)
    assert set(points) <= {(float(x), float(y)) for x, y in zip(alarms, hits, strict=True)}
    assert auc(*zip(*points, strict=True)) == pytest.approx(auc(alarms, hits))


def test_precision_and_recall_are_those_of_an_independent_implementation():
    good, defective = [0.1, 0.2, 0.4, 0.8], [0.3, 0.7, 0.9]
    precision, recall, _ = precision_recall_curve([0] * 4 + [1] * 3, good + defective)
    known = {(round(float(x), 6), round(float(y), 6)) for x, y in zip(recall, precision, strict=True)}
    assert {(round(x, 6), round(y, 6)) for x, y in precision_recall(good, defective)} <= known


def test_photos_of_one_sort_have_no_curve():
    assert roc([1.0], []) == precision_recall([], [1.0]) == []


def test_a_curve_of_many_photos_has_few_points_and_its_ends():
    scores = np.random.default_rng(0).normal(size=(2, 5000)).tolist()
    points = roc(*scores)
    assert len(points) <= MOST + 1
    assert (points[0], points[-1]) == ((0.0, 0.0), (1.0, 1.0))
