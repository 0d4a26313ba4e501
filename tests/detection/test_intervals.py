"""Intervals: exact ones against their definition, bootstrapped ones against a slow literal bootstrap."""

import time

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score, roc_auc_score

from detection.metrics.intervals import binomial, bootstrap


def drawn(n_good, n_defect, seed=0, apart=1.0):
    random = np.random.default_rng(seed)
    scores = np.concatenate([random.normal(0, 1, n_good), random.normal(apart, 1, n_defect)]).round(1)
    return scores, scores >= apart / 2, np.repeat([False, True], [n_good, n_defect])


@pytest.mark.parametrize(("count", "n"), [(0, 10), (3, 10), (10, 10), (1, 1), (57, 190)])
def test_at_an_exact_bound_what_was_seen_is_just_as_unlikely_as_it_may_be(count, n):
    low, high = binomial(count, n)
    assert 0 <= low <= count / n <= high <= 1
    if count:
        assert stats.binom.sf(count - 1, n, low) == pytest.approx(0.025)
    if count < n:
        assert stats.binom.cdf(count, n, high) == pytest.approx(0.025)


def test_the_rule_of_three():
    assert binomial(0, 100)[1] == pytest.approx(0.0362, abs=1e-4)


def slow_bootstrap(scores, flagged, defect, resamples=250):
    random = np.random.default_rng(1)
    good, bad = np.flatnonzero(~defect), np.flatnonzero(defect)
    metrics = {name: [] for name in ("image_auroc", "average_precision", "f1", "precision", "recall")}
    for _ in range(resamples):
        some = np.concatenate([random.choice(good, len(good)), random.choice(bad, len(bad))])
        truth, seen, decided = defect[some], scores[some], flagged[some]
        metrics["image_auroc"].append(roc_auc_score(truth, seen))
        metrics["average_precision"].append(average_precision_score(truth, seen))
        metrics["f1"].append(f1_score(truth, decided))
        metrics["precision"].append(precision_score(truth, decided))
        metrics["recall"].append(recall_score(truth, decided))
    return {name: np.percentile(values, [2.5, 97.5]) for name, values in metrics.items()}


def test_the_fast_bootstrap_is_the_slow_one():
    case = drawn(25, 40)
    fast, slow = bootstrap(*case), slow_bootstrap(*case)
    assert set(fast) == set(slow)
    for name, interval in fast.items():
        assert interval == pytest.approx(slow[name].tolist(), abs=0.025), name


def test_it_is_repeatable_and_another_seed_draws_otherwise():
    case = drawn(10, 12)
    assert bootstrap(*case) == bootstrap(*case) != bootstrap(*case, seed=1)


def test_it_holds_the_truth_as_often_as_it_says():
    truth = stats.norm.cdf(1 / np.sqrt(2))
    held = 0
    for seed in range(150):
        low, high = bootstrap(*drawn(40, 40, seed))["image_auroc"]
        held += low <= truth <= high
    assert 0.9 <= held / 150 <= 1


def test_no_mistake_among_few_images_is_no_proof_that_there_never_is_one():
    intervals = bootstrap(*drawn(20, 60, apart=30.0))
    assert intervals["image_auroc"] == pytest.approx([0.025 ** (1 / 20), 1])
    assert intervals["recall"] == pytest.approx([0.025 ** (1 / 60), 1])
    for low, high in intervals.values():
        assert low < 0.96
        assert high == 1


def test_the_worst_that_exact_bounds_leave_is_what_images_in_that_order_have():
    n_good, n_defect = 200, 600
    low = bootstrap(*drawn(n_good, n_defect, apart=30.0))
    alarms = round(binomial(0, n_good)[1] * n_good)
    detected = round(binomial(n_defect, n_defect)[0] * n_defect)
    order = (
        [False] * alarms + [True] * detected + [False] * (n_good - alarms) + [True] * (n_defect - detected)
    )
    flagged = [True] * (alarms + detected) + [False] * (len(order) - alarms - detected)
    assert low["average_precision"][0] == pytest.approx(
        average_precision_score(order, -np.arange(len(order))), abs=0.005
    )
    assert low["f1"][0] == pytest.approx(f1_score(order, flagged), abs=0.005)


def test_nothing_found_has_no_precision_and_a_bound_above_zero():
    scores, _, defect = drawn(20, 10)
    intervals = bootstrap(scores, scores > 99, defect)
    assert "precision" not in intervals
    assert intervals["recall"] == pytest.approx(list(binomial(0, 10)))
    assert 0 < intervals["f1"][1] < 0.6


def test_constant_scores_are_a_coin_toss_whatever_the_images():
    intervals = bootstrap(np.ones(12), np.ones(12, bool), np.repeat([False, True], 6))
    assert intervals["image_auroc"] == (0.5, 0.5)


def test_without_both_kinds_there_is_none():
    assert bootstrap([1.0, 2.0], [True, False], [True, True]) == {}
    assert bootstrap([], [], []) == {}


def test_six_hundred_images_take_a_moment():
    case = drawn(190, 392)
    start = time.process_time()
    bootstrap(*case)
    assert time.process_time() - start < 1
