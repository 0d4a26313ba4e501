"""The places where a threshold is put: against hand values, scikit-learn and what they promise."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from detection import cutoffs
from detection.cutoffs import WORST, above_good, conformal, guess, maximise_f1, reach_recall


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


def test_conformal_by_hand():
    # of 10 parts one is the judged one: at most 2 in 10 flagged means above the 8th of 9
    scores = [9.0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert 8 < conformal(scores, 0.2) < 8 + 1e-9
    assert 9 < conformal(scores, 0.1) < 9 + 1e-9
    assert 8 < conformal(scores, 0.299) < 8 + 1e-9
    assert 7 < conformal(scores, 0.3) < 7 + 1e-9
    assert conformal([3.0], 0.5) > 3.0
    assert cutoffs.smallest_share(9) == 0.1


def test_conformal_flags_no_more_good_parts_than_it_says_and_hardly_fewer():
    random = np.random.default_rng(0)
    drawn = random.exponential(size=(6000, 41)) ** 3
    alarms = [one[0] >= conformal(one[1:], 0.1) for one in drawn]
    assert 0.085 < np.mean(alarms) < 0.11


def test_conformal_holds_with_ties_too():
    random = np.random.default_rng(0)
    drawn = random.integers(0, 4, size=(3000, 20))
    assert np.mean([one[0] >= conformal(one[1:], 0.1) for one in drawn]) <= 0.1


def test_a_recall_by_hand_halfway_to_the_next_lower_score():
    defects = [1.0, 2, 3, 4, 5, 6, 7, 8, 9]
    assert reach_recall([], defects, 0.8) == 1.5  # the 8th largest of 9, as 8 of 10 are to be found
    assert reach_recall([1.8], defects, 0.8) == 1.9
    assert reach_recall([0.5], defects, 0.9) == 0.75
    assert reach_recall([0.5], defects, 0.99) == 0.75
    assert reach_recall([], defects, 0.9) == 1.0
    assert reach_recall([3.0, 3.0], [3.0, 3.0], 0.5) == 3.0
    assert cutoffs.largest_recall(9) == 0.9


def test_a_further_defect_is_found_as_often_as_the_recall_says():
    random = np.random.default_rng(0)
    drawn = random.normal(size=(6000, 40))
    found = [one[0] >= reach_recall([], one[1:], 0.9) for one in drawn]
    assert 0.89 < np.mean(found) < 0.92


@pytest.mark.parametrize("scores", [[0.0], [-2.0], [-3.0, -1.0], [1.0, 1.0], [WORST / 2, 0.0]])
def test_above_good_scores_of_any_sign_nothing_is_flagged(scores):
    for value in (guess(scores), above_good(scores, 99), conformal(scores, 1 / (len(scores) + 1))):
        assert np.isfinite(value)
        assert max(scores) < value


def test_which_scores_are_numbers():
    values = [1.0, -1.0, np.nan, np.inf, -np.inf, WORST, 0.0]
    assert cutoffs.is_number(values).tolist() == [True, True, False, False, False, False, True]
