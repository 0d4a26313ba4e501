import numpy as np
import pytest

from detection.metrics import paired
from detection.metrics.image import image_auroc

TRUTH = np.array([True] * 40 + [False] * 60)


def scores(gap: float, seed: int = 0):
    shared = np.random.default_rng(0).normal(size=100)
    return shared + 0.3 * np.random.default_rng(seed).normal(size=100) + gap * TRUTH


def test_the_middle_of_the_interval_is_the_difference():
    one, other = scores(1.5, 1), np.round(scores(1.0, 2), 1)  # with ties
    low, high = paired.auroc_difference(one, other, TRUTH)
    expected = image_auroc(one, TRUTH) - image_auroc(other, TRUTH)
    assert (low + high) / 2 == pytest.approx(expected)
    assert (low, high) == pytest.approx(
        tuple(-end for end in paired.auroc_difference(other, one, TRUTH)[::-1])
    )


def test_its_width_is_that_of_a_paired_bootstrap():
    one, other = scores(1.5, 1), scores(1.0, 2)
    random, drawn = np.random.default_rng(1), []
    for _ in range(400):
        chosen = np.concatenate([random.choice(np.flatnonzero(side), side.sum()) for side in (TRUTH, ~TRUTH)])
        drawn.append(image_auroc(one[chosen], TRUTH[chosen]) - image_auroc(other[chosen], TRUTH[chosen]))
    low, high = paired.auroc_difference(one, other, TRUTH)
    assert high - low == pytest.approx(4 * 0.98 * np.std(drawn), rel=0.15)


def test_pairing_tells_what_two_intervals_apart_cannot():
    low, _ = paired.auroc_difference(scores(1.5, 1), scores(1.0, 2), TRUTH)
    assert low > 0


@pytest.mark.parametrize("truth", [[True, False, False], [True, True, True], [False] * 3])
def test_nothing_is_said_of_too_few(truth):
    assert paired.auroc_difference([1, 2, 3], [3, 2, 1], truth) is None
    assert paired.auroc_difference(TRUTH, 2.0 * TRUTH, TRUTH) is None  # both are perfect


@pytest.mark.parametrize(
    ("first", "second", "p"), [(0, 0, 1.0), (1, 0, 1.0), (5, 0, 0.0625), (6, 0, 0.03125), (10, 2, 0.0386)]
)
def test_mcnemar_is_exact(first, second, p):
    assert paired.mcnemar(first, second) == pytest.approx(p, abs=1e-4) == paired.mcnemar(second, first)
