"""Cross-fitting: no image is judged by a threshold that it helped to choose."""

from functools import partial

import numpy as np
import pytest

from detection.types import Threshold
from detection.verdicts.crossfit import cross_fit
from detection.verdicts.cutoffs import maximise_f1, reach_recall
from detection.verdicts.thresholds import by_labels


@pytest.mark.parametrize("rule", [maximise_f1, partial(reach_recall, target=0.8)])
def test_each_image_is_judged_by_a_threshold_chosen_without_it(rule):
    random = np.random.default_rng(0)
    scores = random.normal(0, 1, 40).tolist()
    labels = ["good"] * 20 + ["crack"] * 12 + ["burr"] * 8
    folds, chosen = cross_fit(scores, labels, range(40), rule)
    for image in range(40):
        others = [i for i in range(40) if folds[i] != folds[image]]
        good = [scores[i] for i in others if labels[i] == "good"]
        defect = [scores[i] for i in others if labels[i] != "good"]
        assert chosen[image] == rule(good, defect)
    for kind in set(labels):
        dealt = [folds[i] for i in range(40) if labels[i] == kind]
        assert max(map(dealt.count, range(5))) - min(map(dealt.count, range(5))) <= 1


def test_few_images_make_fewer_folds_and_copies_share_one():
    labels = ["good", "good", "good", "crack", "crack", "crack"]
    folds, _ = cross_fit([1, 2, 3, 4, 5, 6], labels, ["a", "b", "c", "d", "e", "e"], maximise_f1)
    assert sorted(set(folds)) == [0, 1]
    assert folds[4] == folds[5]


def test_a_recall_needs_no_good_images_and_one_is_in_some_fold():
    rule = partial(reach_recall, target=0.5)
    folds, _ = cross_fit([1.0, 2.0, 3.0], ["crack"] * 3, "abc", rule)
    assert sorted(folds) == [0, 1, 2]
    folds, _ = cross_fit([1.0, 2.0, 3.0, 0.1], ["crack"] * 3 + ["good"], "abcd", rule)
    assert sorted(set(folds)) == [0, 1, 2]


def test_scores_that_are_no_numbers_choose_nothing_and_are_judged_all_the_same():
    scores = [0.1, 0.2, np.nan, 0.8, 0.9, np.inf]
    labels = ["good"] * 3 + ["crack"] * 3
    folds, chosen = cross_fit(scores, labels, range(6), maximise_f1)
    assert len(folds) == 6
    assert np.isfinite(chosen).all()
    assert all(0.1 < value <= 0.9 for value in chosen)


def test_only_what_labels_chose_is_cross_fitted():
    assert not by_labels(Threshold(1, "percentile", "", 3, 0, 99.0))
    assert not by_labels(Threshold(1, "conformal", "", 3, 0, 0.01))
    assert not by_labels(Threshold(1, "limits", "", 30, 0, 0.01, 0.5))
    assert by_labels(Threshold(1, "limits", "", 30, 3, 0.01, 0.5))
    assert by_labels(Threshold(1, "f1", "", 3, 3))
    assert by_labels(Threshold(1, "recall", "", 3, 3, 0.5))
