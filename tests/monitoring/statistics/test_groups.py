"""Groups against all others: Fisher's exact test as SciPy has it, and few false discoveries."""

import numpy as np
import pytest
from scipy import stats

from inspector.monitoring.statistics.groups import Counted, compare, fisher


@pytest.mark.parametrize(
    ("hits", "n", "others", "of"),
    [(3, 40, 1, 200), (0, 10, 0, 30), (5, 5, 0, 9), (0, 1, 7, 7), (61, 1000, 100, 10_000), (200, 400, 2, 9)],
)
def test_fishers_exact_test(hits, n, others, of):
    known = stats.fisher_exact([[hits, n - hits], [others, of - others]]).pvalue
    assert fisher(Counted(hits, n), Counted(others, of)) == pytest.approx(known, rel=1e-6)


def test_the_one_station_that_is_worse_stands_out():
    stations = [Counted(10, 1000), Counted(61, 1000), Counted(9, 1000)]
    worse = compare({"false_alarm": stations})["false_alarm"]
    assert [one.differs for one in worse] == [True, True, True]
    assert [one.is_higher for one in worse] == [False, True, False]
    assert (worse[1].share, worse[1].others) == (0.061, pytest.approx(0.0095))
    assert worse[1].low < 0.061 < worse[1].high


def test_chance_is_seldom_called_a_difference():
    draw = np.random.default_rng(0)
    found = [
        any(
            one.differs
            for one in compare({"x": [Counted(int(hits), 500) for hits in draw.binomial(500, 0.02, 12)]})["x"]
        )
        for _ in range(200)
    ]
    assert np.mean(found) <= 0.05


def test_where_there_is_nothing_to_compare_with_nothing_is_said():
    [alone] = compare({"x": [Counted(3, 9)]})["x"]
    assert (alone.p_value, alone.others, alone.differs) == (None, None, False)
    empty, _ = compare({"x": [Counted(0, 0), Counted(1, 9)]})["x"]
    assert (empty.share, empty.low, empty.p_value) == (None, None, None)
