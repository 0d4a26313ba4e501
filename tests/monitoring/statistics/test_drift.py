"""Rank sums against SciPy, change points against chance and against a known step, and what is told of
drift."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from inspector.monitoring.statistics.discovery import adjusted
from inspector.monitoring.statistics.drift import Finding, Series, drift
from inspector.monitoring.statistics.ranks import change_point, compare, mid_ranks

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)


def hours(count: int) -> list[datetime]:
    return [MONDAY + timedelta(hours=i) for i in range(count)]


def scores(random, count: int, level: float = 1.0):
    return level * random.lognormal(0, 0.2, count)


def test_mann_and_whitney_with_and_without_ties():
    random = np.random.default_rng(14)
    for size, other in ((20, 20), (25, 400), (300, 90)):
        for tied in (False, True):
            values, reference = random.normal(0.3, 1, size), random.normal(0, 1, other)
            if tied:
                values, reference = np.round(values), np.round(reference)
            shift, theirs = (
                compare(values, reference),
                stats.mannwhitneyu(values, reference, method="asymptotic"),
            )
            assert shift.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
            assert shift.higher == pytest.approx(theirs.statistic / (size * other))
            assert mid_ranks(values) == pytest.approx(stats.rankdata(values))


def test_the_effect_is_in_percent_of_the_median():
    shift = compare(np.linspace(1.18, 3.54, 51), np.linspace(1, 3, 41))
    assert (shift.median, shift.reference_median) == pytest.approx((2.36, 2.0))
    assert shift.percent == pytest.approx(18)
    assert compare(np.ones(30), np.zeros(30)).percent is None


def test_equal_values_are_no_drift_and_few_ones_are_not_compared():
    shift = compare(np.ones(30), np.ones(40))
    assert (shift.z, shift.p_value, shift.higher) == (0.0, 1.0, 0.5)
    assert compare(np.ones(19), np.ones(40)) is None
    assert compare([], np.ones(40)) is None


def test_benjamini_and_hochberg():
    random = np.random.default_rng(14)
    for count in (1, 2, 7, 50):
        p_values = np.round(random.random(count) ** 3, 2)
        assert adjusted(p_values.tolist()) == pytest.approx(multipletests(p_values, method="fdr_bh")[1])
        assert adjusted(p_values.tolist()) == pytest.approx(stats.false_discovery_control(p_values))
    assert adjusted([]) == []
    # Benjamini and Hochberg 1995, section 3.1: of 15 p-values the first four are below 0.05.
    printed = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719]
    assert sum(p <= 0.05 for p in adjusted([*printed, 0.6528, 0.7590, 1.0])) == 4


def test_a_known_step_is_found_where_it_is():
    random = np.random.default_rng(14)
    found = []
    for _ in range(50):
        change = change_point(np.concatenate([scores(random, 120), scores(random, 60, 1.3)]))
        assert (change.p_value < 0.001, change.z > 0, change.after > change.before) == (True, True, True)
        found.append(change.at)
    assert np.mean(np.abs(np.array(found) - 120) <= 5) > 0.9


def test_a_series_turned_over_changes_the_other_way():
    random = np.random.default_rng(14)
    series = np.concatenate([scores(random, 120), scores(random, 60, 1.3)])
    there, back = change_point(series), change_point(series[::-1])
    assert (back.at, back.z) == (180 - there.at, pytest.approx(-there.z))


def test_the_split_is_the_best_of_all_by_scipy():
    random = np.random.default_rng(14)
    series = np.round(np.concatenate([scores(random, 40), scores(random, 40, 1.2)]), 1)
    splits = range(4, 77)
    theirs = [
        stats.mannwhitneyu(series[:i], series[i:], method="asymptotic", use_continuity=False).pvalue
        for i in splits
    ]
    assert change_point(series).at == splits[int(np.argmin(theirs))]


def test_chance_is_seldom_taken_for_a_change():
    random = np.random.default_rng(14)
    p_values = np.array([change_point(random.lognormal(0, 0.5, 168)).p_value for _ in range(800)])
    assert 0.02 * 800 <= (p_values < 0.05).sum() <= 0.06 * 800
    assert (p_values < 0.01).sum() <= 0.02 * 800


def test_no_change_where_there_is_nothing_to_see():
    assert change_point(np.ones(100)) is None
    assert change_point(np.arange(39)) is None
    assert change_point([]) is None


def test_one_sentence_is_made_of_code_and_values():
    random = np.random.default_rng(14)
    values = np.concatenate([scores(random, 110), scores(random, 58, 1.18)])
    told = drift({"Hex nut": Series(hours(168), values, scores(random, 2000))})["Hex nut"]
    code, words = told.code_and_values()
    assert code == "higher_since"
    assert abs(words["since"] - (MONDAY + timedelta(hours=110))) <= timedelta(hours=8)
    assert words["percent"] == pytest.approx(18, abs=5)


def test_what_was_so_from_the_start_has_no_date():
    random = np.random.default_rng(14)
    told = drift({"Hex nut": Series(hours(168), scores(random, 168, 0.8), scores(random, 2000))})["Hex nut"]
    assert (told.finding, told.since) == (Finding.LOWER, None)
    assert told.code_and_values() == ("lower", {"percent": pytest.approx(20, abs=5)})


def test_a_certain_but_small_difference_is_not_told():
    random = np.random.default_rng(14)
    told = drift({"a": Series(hours(5000), scores(random, 5000, 1.03), scores(random, 5000))})["a"]
    assert told.p_value < 0.001
    assert told.code_and_values() == ("steady", {})


def test_too_few_values_and_none():
    series = {"few": Series(hours(5), np.ones(5), np.ones(100)), "none": Series([], [], [])}
    found = drift(series)
    assert [one.code_and_values() for one in found.values()] == [("too_few", {}), ("too_few", {})]
    assert drift({}) == {}


def test_of_a_hundred_steady_categories_hardly_one_is_told():
    random = np.random.default_rng(14)
    told = 0
    for _ in range(10):
        series = {str(i): Series(hours(60), scores(random, 60), scores(random, 300)) for i in range(100)}
        told += sum(one.finding is not Finding.STEADY for one in drift(series).values())
    assert told <= 2
