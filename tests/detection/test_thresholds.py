"""Thresholds: where they are put, what they are called, and that nobody judges in their own cause."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from detection import thresholds
from detection.thresholds import above_good, choose, cross_fit, maximise_f1


def test_a_clean_gap_is_cut_in_the_middle():
    assert maximise_f1([0.1, 0.2], [0.4, 0.9]) == pytest.approx(0.3)


def test_maximal_f1_of_overlapping_scores_as_a_search_by_scikit_learn_finds_it():
    random = np.random.default_rng(2)
    for _ in range(8):
        good, defect = random.normal(0, 1, 12).round(1), random.normal(1, 1, 8).round(1)
        scores, truth = np.concatenate([good, defect]), np.repeat([0, 1], [12, 8])
        best = max(f1_score(truth, scores >= value) for value in scores)
        assert f1_score(truth, scores >= maximise_f1(good, defect)) == pytest.approx(best)


def test_equal_scores_are_never_separated_and_lie_on_no_edge():
    value = maximise_f1([1.0, 2.0, 2.0], [2.0, 3.0, 3.0])
    assert value == 2.5
    assert maximise_f1([1.0, 1.0], [1.0, 1.0]) == 1.0


def test_of_equally_good_places_the_middle_and_of_two_the_lower():
    # flagging from 2 on: 2 of 3 right, 2 of 3 found; from 4 on the same F1 is reached nowhere else
    good, defect = [1.0, 3.0], [2.0, 4.0]
    scores, truth = np.array(good + defect), np.array([0, 0, 1, 1])
    f1 = {value: f1_score(truth, scores >= value) for value in (1.0, 2.0, 3.0, 4.0)}
    assert maximise_f1(good, defect) == pytest.approx(1.5)
    assert f1[2.0] == max(f1.values())
    # F1 is 2/3 from 1 on (2 of 4 right) and from 4 on (1 of 1 right, 1 of 2 found)
    assert maximise_f1([2.0, 3.0], [1.0, 4.0]) == 1.0


def test_neighbouring_floats_still_divide():
    low = 1.0
    high = float(np.nextafter(low, 2))
    assert low < maximise_f1([low], [high]) <= high


def test_a_percentile_of_many_good_scores_and_what_lies_exactly_on_it_is_ok():
    scores = np.arange(1001.0)
    assert above_good(scores, 99) == pytest.approx(990)
    assert (scores >= above_good(scores, 99)).sum() == 10


def test_of_few_good_scores_a_bound_above_the_largest():
    few = [1.0, 1.1, 1.2, 1.3]
    assert 1.3 < above_good(few, 99) < 2.5
    assert above_good([1.0, 1.0, 1.0], 99) == pytest.approx(1.0)
    assert above_good([1.0, 1.0, 1.0], 99) > 1.0
    assert above_good([0.7], 99) == pytest.approx(1.4)
    assert above_good(few, 100) > 1.3


def test_the_bound_for_few_scores_lets_about_as_many_good_parts_through_as_it_says():
    random = np.random.default_rng(0)
    alarms = [random.normal(5, 1) >= above_good(random.normal(5, 1, 8), 95) for _ in range(4000)]
    assert 0.03 < np.mean(alarms) < 0.06


def test_the_policy_follows_what_there_is():
    held, learned = [0.2, 0.3], [0.1]
    assert choose([0.1, 0.2], [0.8, 0.9], held, learned, 99).policy == "f1"
    assert choose([0.1, 0.2], [0.8], held, learned, 99).policy == "percentile"
    assert choose([], [0.8, 0.9], held, learned, 99).policy == "percentile"
    guess = choose([], [], [], learned, 99)
    assert (guess.policy, guess.value) == ("training", pytest.approx(0.2))
    assert "guess" in guess.chosen_on
    counted = choose([0.1, 0.2], [0.8, 0.9, 1.0], held, learned, 99)
    assert (counted.n_good, counted.n_defect) == (2, 3)


def test_cross_fitting_judges_each_image_by_a_threshold_chosen_without_it():
    random = np.random.default_rng(0)
    scores = random.normal(0, 1, 40).tolist()
    labels = ["good"] * 20 + ["crack"] * 12 + ["burr"] * 8
    folds, chosen = cross_fit(scores, labels, range(40))
    for image in range(40):
        others = [i for i in range(40) if folds[i] != folds[image]]
        good = [scores[i] for i in others if labels[i] == "good"]
        defect = [scores[i] for i in others if labels[i] != "good"]
        assert chosen[image] == maximise_f1(good, defect)
    for kind in set(labels):
        dealt = [folds[i] for i in range(40) if labels[i] == kind]
        assert max(map(dealt.count, range(5))) - min(map(dealt.count, range(5))) <= 1


def test_few_images_make_fewer_folds_and_copies_share_one():
    labels = ["good", "good", "good", "crack", "crack", "crack"]
    folds, _ = cross_fit([1, 2, 3, 4, 5, 6], labels, ["a", "b", "c", "d", "e", "e"])
    assert sorted(set(folds)) == [0, 1]
    assert folds[4] == folds[5]
    assert thresholds.LEAST == 2
