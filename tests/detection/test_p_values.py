"""p-values: by hand, and that they are what they say."""

import numpy as np
import pytest

from detection.results import PValueShare
from detection.verdicts.p_values import p_value, p_values, reliability, surprise

GOOD = (1.0, 2.0, 2.0, 4.0)


@pytest.mark.parametrize(
    ("score", "expected"),
    [(0.5, 1.0), (1.0, 1.0), (1.5, 0.8), (2.0, 0.8), (3.0, 0.4), (4.0, 0.4), (9.0, 0.2)],
)
def test_one_more_than_the_good_scores_at_least_as_large(score, expected):
    assert p_value(score, GOOD) == pytest.approx(expected)
    assert p_values([score, 0.0], GOOD).tolist() == pytest.approx([expected, 1.0])


def test_without_good_scores_there_is_none():
    assert p_value(1.0, ()) is None


def test_a_good_part_has_a_p_value_of_at_most_p_with_a_chance_of_at_most_p():
    random = np.random.default_rng(0)
    values = np.array([p_value(one[0], sorted(one[1:])) for one in random.normal(size=(4000, 50))])
    for level in (0.02, 0.1, 0.5):
        assert np.mean(values <= level) == pytest.approx(level, abs=0.02)


def test_reliability_counts_test_images_up_to_each_level_that_can_be_reached():
    points = reliability([0.1, 0.3, 0.5, 1.0], n_good_scores=9)
    assert points[0] == PValueShare(p=0.1, share=0.25, n=4)
    assert {point.p: point.share for point in points}[0.5] == 0.75
    assert reliability([], 9) == ()


def test_good_test_images_unlike_those_kept_are_reported_and_others_hardly_ever():
    random = np.random.default_rng(0)
    alike, unlike = 0, 0
    for _ in range(200):
        kept = np.sort(random.normal(size=30))
        alike += surprise(reliability(p_values(random.normal(size=25), kept), 30), 30) is not None
        unlike += surprise(reliability(p_values(random.normal(1.5, 1, 25), kept), 30), 30) is not None
    assert alike <= 4
    assert unlike > 150
    assert surprise((), 30) is None
