"""Tails, quantiles and intervals of shares against SciPy and statsmodels, and how often the intervals
cover."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from inspector.monitoring.statistics import distributions as ours
from inspector.monitoring.statistics.shares import exact, modified_wilson, wilson

SHAPES = [(0.5, 0.5), (1, 1), (1, 300), (2.5, 7), (40, 3), (300, 700), (12, 100_000), (5000, 5000)]


@pytest.mark.parametrize(("a", "b"), SHAPES)
def test_beta(a: float, b: float):
    for share in (1e-6, 0.001, 0.025, 0.3, 0.5, 0.8, 0.975, 0.9999):
        x = stats.beta.ppf(share, a, b)
        assert ours.beta_quantile(share, a, b) == pytest.approx(x, rel=1e-8)
        assert ours.beta_below(x, a, b) == pytest.approx(share, rel=1e-8)
    assert (ours.beta_below(0, a, b), ours.beta_below(1, a, b)) == (0, 1)


@pytest.mark.parametrize("freedom", [1, 2, 3.5, 19, 200, 5000])
def test_chi_square(freedom: float):
    for share in (0.001, 0.025, 0.5, 0.95, 0.999):
        x = stats.chi2.ppf(share, freedom)
        assert ours.chi_square_quantile(share, freedom) == pytest.approx(x, rel=1e-8)
        assert ours.chi_square_above(x, freedom) == pytest.approx(1 - share, rel=1e-8)
    assert ours.chi_square_above(0, freedom) == 1


def test_normal():
    for z in (-8, -1.5, 0, 0.3, 2, 6):
        assert ours.normal_above(z) == pytest.approx(stats.norm.sf(z), rel=1e-12)
        assert ours.normal_density(z) == pytest.approx(stats.norm.pdf(z), rel=1e-12)
    assert ours.normal_quantile(0.975) == pytest.approx(1.959964, abs=1e-6)


COUNTS = [(0, 1), (1, 1), (0, 20), (1, 20), (10, 20), (20, 20), (3, 1000), (999, 1000), (40, 50_000)]


@pytest.mark.parametrize(("count", "n"), COUNTS)
def test_clopper_and_pearson(count: int, n: int):
    theirs = stats.binomtest(count, n).proportion_ci(method="exact")
    assert exact(count, n) == pytest.approx((theirs.low, theirs.high), rel=1e-8)
    theirs = stats.binomtest(count, n).proportion_ci(0.9, method="exact")
    assert exact(count, n, 0.9) == pytest.approx((theirs.low, theirs.high), rel=1e-8)


@pytest.mark.parametrize(("count", "n"), COUNTS)
def test_wilson(count: int, n: int):
    assert wilson(count, n) == pytest.approx(proportion_confint(count, n, method="wilson"), abs=1e-12)


def test_the_correction_of_wilson_is_the_published_one():
    # Brown, Cai and DasGupta 2001: half the 5 % quantile of chi-square with 2 x degrees of freedom, over n.
    for n, corrected in ((40, 2), (300, 3)):
        for count in range(8):
            low, high = modified_wilson(count, n)
            if 0 < count <= corrected:
                assert low == pytest.approx(stats.chi2.ppf(0.05, 2 * count) / 2 / n, rel=1e-6)
            else:
                assert low == pytest.approx(wilson(count, n)[0])
            assert high == pytest.approx(wilson(count, n)[1])
            assert modified_wilson(n - count, n) == pytest.approx((1 - high, 1 - low))


def test_parts_of_a_count_lie_between_whole_ones():
    lows = [modified_wilson(count, 300)[0] for count in np.linspace(0, 6, 61)]
    assert lows == sorted(lows)
    assert max(np.diff(lows)) < 0.0008


def _covers(interval, n: int, share: float) -> float:
    counts = np.arange(n + 1)
    bounds = np.array([interval(int(count), n) for count in counts])
    held = (bounds[:, 0] <= share) & (share <= bounds[:, 1])
    return float(stats.binom.pmf(counts, n, share)[held].sum())


def test_coverage_where_defects_are_rare():
    shares = np.geomspace(0.001, 0.03, 40)
    modified = [_covers(modified_wilson, 300, share) for share in shares]
    # Never far below what is promised, as Wilson's own interval is; and closer to it than the exact one.
    assert min(modified) > 0.92
    assert min(_covers(wilson, 300, share) for share in shares) < 0.91
    assert 0.95 < np.mean(modified) < 0.97
    assert np.mean([_covers(exact, 300, share) for share in shares[::4]]) > 0.975
