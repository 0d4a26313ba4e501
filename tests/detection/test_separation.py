"""Is one method better than another at telling damaged photos from good ones?"""

import numpy as np

from detection.metrics.separation import auroc, resampled, sureness


def drawn(shift, good=60, damaged=60):
    draw = np.random.default_rng(0)
    return draw.normal(0, 1, good), draw.normal(shift, 1, damaged)


def test_auroc_by_hand():
    assert auroc((np.array([1.0, 2.0]), np.array([2.0, 3.0]))) == 3.5 / 4
    assert auroc((np.array([]), np.array([1.0]))) == 0


def test_resamples_are_the_same_and_lie_about_the_value():
    both = drawn(1)
    assert resampled(both) == resampled(both)
    assert abs(np.mean(resampled(both)) - auroc(both)) < 0.02


def test_a_resample_is_the_auroc_of_the_photos_drawn():
    good, damaged = (scores.round(1) for scores in drawn(1, good=20, damaged=30))  # with ties
    draw = np.random.default_rng(0)
    ones, others = draw.integers(20, size=20), draw.integers(30, size=30)
    assert abs(resampled((good, damaged))[0] - auroc((good[ones], damaged[others]))) < 1e-12


def test_it_is_sure_of_what_is_better_and_not_of_what_is_the_same():
    good, damaged = drawn(1)
    assert sureness((good, damaged + 1), (good, damaged)) > 0.99
    assert sureness((good, damaged - 1), (good, damaged)) < 0.01
    assert sureness((good, damaged), (good, damaged)) == 0
