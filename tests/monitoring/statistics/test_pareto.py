"""The order of defect types, their shares, and what is put together at the end."""

import pytest

from inspector.monitoring.statistics.pareto import pareto


def test_largest_first_with_cumulative_shares():
    bars = pareto([("scratch", 20), ("dent", 50), ("stain", 30)])
    assert [bar.name for bar in bars] == ["dent", "stain", "scratch"]
    assert [bar.share for bar in bars] == pytest.approx([0.5, 0.3, 0.2])
    assert [bar.cumulative for bar in bars] == [0.5, 0.8, 1.0]


def test_ties_keep_their_order_and_zeros_are_left_out():
    counts = [("b", 3), ("none", 0), ("a", 3), ("c", 5)]
    assert [bar.name for bar in pareto(counts)] == ["c", "b", "a"]
    assert [bar.name for bar in pareto(counts[::-1])] == ["c", "a", "b"]


def test_the_rest_is_one_bar_at_the_end_however_large():
    bars = pareto([("a", 4), ("b", 3), ("c", 3), ("d", 3)], rest="others", at_most=2)
    assert [(bar.name, bar.count) for bar in bars] == [("a", 4), ("b", 3), ("others", 6)]
    assert bars[-1].cumulative == 1.0
    assert len(pareto([("a", 4), ("b", 3)], rest="others", at_most=2)) == 2


def test_nothing_counted_is_nothing_drawn():
    assert pareto([]) == ()
    assert pareto([("a", 0)]) == ()
