"""The places where a threshold is put: against hand values, scikit-learn and what they promise."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from detection.verdicts import cutoffs
from detection.verdicts.cutoffs import (
    WORST,
    above_good,
    conformal,
    guess,
    limit,
    maximise_f1,
    odd,
    reach_recall,
    reached,
)


def test_a_clean_gap_is_cut_in_its_geometric_middle():
    assert maximise_f1([0.1, 0.2], [0.4, 0.9]) == pytest.approx(0.08**0.5)
    # Scores span decades: halfway by difference would be 1,612, and pass what scores 1,034.
    assert maximise_f1([3.0, 12.1], [3213.0, 9000.0]) == pytest.approx(197.2, abs=0.1)


def test_in_a_gap_it_lies_where_few_good_parts_come():
    assert maximise_f1([3.0, 12.1], [3213.0, 9000.0], limit=20.0) == 20.0
    assert 12.1 < maximise_f1([3.0, 12.1], [3213.0, 9000.0], limit=5.0) < 12.1001
    assert maximise_f1([3.0, 12.1], [3213.0, 9000.0], limit=4000.0) == pytest.approx(197.2, abs=0.1)


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_maximal_f1_for_a_share_of_defects_as_a_search_by_scikit_learn_finds_it(share):
    random = np.random.default_rng(2)
    for _ in range(8):
        good, defect = random.normal(5, 1, 12).round(1), random.normal(6, 1, 8).round(1)
        scores, truth = np.concatenate([good, defect]), np.repeat([0, 1], [12, 8])
        weights = np.repeat([(1 - share) / 12, share / 8], [12, 8])

        def f1(value, scores=scores, truth=truth, weights=weights):
            return f1_score(truth, scores >= value, sample_weight=weights)

        assert f1(maximise_f1(good, defect, defect_share=share)) == pytest.approx(max(map(f1, scores)))


def test_equal_scores_are_never_separated():
    value = maximise_f1([1.0, 2.0, 2.0], [2.0, 3.0, 3.0])
    assert value == pytest.approx(6**0.5)
    assert maximise_f1([1.0, 1.0], [1.0, 1.0]) == 1.0


def test_many_defects_among_the_test_photos_do_not_make_false_alarms_cheap():
    """141 defects and 26 good parts: on that mixture, flagging a quarter of the good parts pays."""
    good = [*np.linspace(1, 2, 19), *np.linspace(3, 4, 7)]
    defect = [*np.linspace(2.5, 3.5, 20), *np.linspace(5, 9, 121)]
    assert np.mean(np.array(good) >= maximise_f1(good, defect, defect_share=141 / 167)) > 0.2
    assert np.mean(np.array(good) >= maximise_f1(good, defect)) == 0


@pytest.mark.parametrize("name", ["lognormal", "pareto", "normal"])
@pytest.mark.parametrize(("count", "share"), [(24, 0.05), (60, 0.01), (160, 0.01), (400, 0.05)])
def test_a_limit_keeps_its_promise_whatever_the_tail(name, count, share):
    random = np.random.default_rng(0)
    draw = {
        "lognormal": lambda n: np.exp(0.3 * random.normal(size=n)),
        "pareto": lambda n: np.exp(0.3 * random.exponential(size=n)),
        "normal": lambda n: 5 + random.normal(size=n),
    }[name]
    flagged = [np.mean(draw(500) >= limit(draw(count), share)[0]) for _ in range(200)]
    assert np.mean(flagged) < 1.4 * share
    assert np.mean(flagged) > 0.2 * share


def test_one_odd_photo_does_not_set_the_limit():
    scores = np.exp(0.2 * np.random.default_rng(1).normal(size=158))
    value, basis = limit(scores, 0.01)
    assert basis == "tail"
    moved, _ = limit([*scores, 30.0], 0.01)
    assert moved < 1.15 * value
    assert conformal([*scores, 30.0], 0.01) > 30


def test_what_a_limit_stands_on():
    assert limit(np.arange(1, 1000.0), 0.01) == (conformal(np.arange(1, 1000.0), 0.01), "conformal")
    assert limit([1.0, 2.0, 3.0], 0.01)[1] == "few"
    assert limit([0.0] * 40, 0.01)[0] > 0
    assert limit([1.0] * 40, 0.01)[0] == pytest.approx(1.0)
    assert limit([1.0, 1.1, 1.2, 1.3], 0.01)[0] < 2.5


def test_odd_photos_are_those_that_the_others_do_not_explain():
    random = np.random.default_rng(0)
    scores = np.exp(0.2 * random.normal(size=150))
    assert odd([*scores, 9.0, 12.0, 30.0]).nonzero()[0].tolist() == [150, 151, 152]
    any_odd = [odd(np.exp(0.2 * random.exponential(size=80))).any() for _ in range(300)]
    assert np.mean(any_odd) < 0.15
    assert not odd([1.0, 1.0, 50.0]).any()
    assert not odd([0.0] * 30 + [1.0]).any()


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
    # the 8th largest of 9, as 8 of 10 are to be found
    assert reach_recall([], defects, 0.8) == pytest.approx(2**0.5)
    assert reach_recall([1.8], defects, 0.8) == pytest.approx(3.6**0.5)
    assert reach_recall([0.5], defects, 0.9) == pytest.approx(0.5**0.5)
    assert reach_recall([0.5], defects, 0.99) == pytest.approx(0.5**0.5)
    assert reach_recall([], defects, 0.9) == 1.0
    assert reach_recall([3.0, 3.0], [3.0, 3.0], 0.5) == 3.0
    assert cutoffs.largest_recall(9) == 0.9


def test_a_further_defect_is_found_as_often_as_the_recall_says():
    random = np.random.default_rng(0)
    drawn = random.normal(size=(6000, 40))
    flagged = [one[0] >= reach_recall([], one[1:], 0.9) for one in drawn]
    assert 0.89 < np.mean(flagged) < 0.92


@pytest.mark.parametrize("scores", [[0.0], [-2.0], [-3.0, -1.0], [1.0, 1.0], [WORST / 2, 0.0]])
def test_above_good_scores_of_any_sign_nothing_is_flagged(scores):
    for value in (guess(scores), above_good(scores, 99), conformal(scores, 1 / (len(scores) + 1))):
        assert np.isfinite(value)
        assert max(scores) < value


def test_the_score_that_a_share_of_them_reaches():
    assert reached([5.0, 1, 2, 3, 4], 0.95) == 1
    assert reached(range(1, 101), 0.95) == 6
    assert reached([7.0], 0.95) == 7


def test_which_scores_are_numbers():
    values = [1.0, -1.0, np.nan, np.inf, -np.inf, WORST, 0.0]
    assert cutoffs.is_number(values).tolist() == [True, True, False, False, False, False, True]
