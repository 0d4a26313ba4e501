"""Each rule by a series made by hand: it signals there, and not one step short of it."""

import numpy as np
import pytest

from inspector.monitoring.statistics.rules import NELSON, WESTERN_ELECTRIC, signals

# Of each rule: a series, the points at which it signals, and the points of the first signal's pattern.
MADE = {
    "western-electric-1": ([0.5, 3.1, -0.2, -3.2, 3.0], [1, 3], (1,)),
    "western-electric-2": ([0.1, 2.1, -2.5, 2.2, 0.3], [3], (1, 3)),
    "western-electric-3": ([1.2, 0.4, 1.3, 1.1, 1.5, 0.2], [4], (0, 2, 3, 4)),
    "western-electric-4": ([-0.1, *[0.2] * 8, 0.3, -0.1], [8, 9], tuple(range(1, 9))),
    "nelson-1": ([0.5, 3.1, -0.2, -3.2, 3.0], [1, 3], (1,)),
    "nelson-2": ([0.1, *[-0.2] * 9, 0.3], [9], tuple(range(1, 10))),
    "nelson-3": ([0.9, -1.1, -0.5, 0.1, 0.2, 0.7, 1.4, 0.3], [6], (1, 2, 3, 4, 5, 6)),
    "nelson-4": ([0.3, 0.2, *[-0.3, 0.4] * 6, -0.1, -0.2], [14], tuple(range(1, 15))),
    "nelson-5": ([-2.1, -2.2, 0.3, 2.1, 0.1, -2.1], [1], (0, 1)),
    "nelson-6": ([-1.2, -1.4, 0.3, -1.3, -1.1, 1.2], [4], (0, 1, 3, 4)),
    "nelson-7": ([1.5, *[0.5, -0.5, 0.9] * 5, 1.2], [15], tuple(range(1, 16))),
    "nelson-8": ([0.2, *[1.5, -1.2] * 4, 0.9], [8], tuple(range(1, 9))),
}
RULES = {rule.code: rule for rule in (*WESTERN_ELECTRIC, *NELSON)}


def test_there_are_four_and_eight_rules_each_with_a_series():
    assert (len(WESTERN_ELECTRIC), len(NELSON)) == (4, 8)
    assert set(RULES) == set(MADE)
    assert all(rule.name and rule.explanation.endswith(".") for rule in RULES.values())


@pytest.mark.parametrize("code", MADE)
def test_a_rule_signals_where_its_pattern_is_complete(code: str):
    z, at, pattern = MADE[code]
    found = signals(z, [RULES[code]])
    assert [signal.at for signal in found] == at
    assert found[0].points == pattern


@pytest.mark.parametrize("code", MADE)
def test_the_mirrored_series_signals_as_well(code: str):
    z, at, pattern = MADE[code]
    found = signals(-np.array(z), [RULES[code]])
    assert ([signal.at for signal in found], found[0].points) == (at, pattern)


@pytest.mark.parametrize("code", MADE)
def test_one_step_short_of_the_pattern_is_silent(code: str):
    z, at, pattern = MADE[code]
    start = 0 if len(pattern) == 1 else pattern[0]
    assert signals(z[start : at[0]], [RULES[code]]) == ()


def test_points_on_a_limit_are_not_beyond_it():
    silent = [3.0, -3.0, 0.0, 2.0, 2.0, 2.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0]
    codes = ("western-electric-1", "western-electric-2", "western-electric-3", "western-electric-4")
    assert signals(silent[:2], WESTERN_ELECTRIC) == ()
    assert signals(silent[2:6], [RULES[codes[1]]]) == ()
    assert signals(silent[6:], [RULES[codes[2]]]) == ()
    assert signals([0.5] * 4 + [0.0] + [0.5] * 7, [RULES[codes[3]]]) == ()


def test_one_side_alone_is_not_both():
    assert signals([1.5] * 12, [RULES["nelson-8"]]) == ()
    assert signals([0.5, 0.5, 0.6, 0.7, 0.8, 0.9], [RULES["nelson-3"]]) == ()


def test_signals_come_in_the_order_of_time_and_a_point_may_break_several_rules():
    z = [0.1, -0.2, 1.2, 1.3, 1.4, 3.5]
    found = signals(z, WESTERN_ELECTRIC)
    assert [(signal.at, signal.rule.code) for signal in found] == [
        (5, "western-electric-1"),
        (5, "western-electric-3"),
    ]


def test_nothing_to_look_at_and_points_without_value():
    assert signals([], NELSON) == ()
    with pytest.raises(ValueError, match="no value"):
        signals([0.1, float("nan")], NELSON)


def test_chance_breaks_rules_as_seldom_as_is_known():
    # Champ and Woodall 1987, Technometrics 29: an average run length of 91.75 with all four rules, so about
    # 1 in 92 points signals first; after a first signal others follow, so only the first of each series is
    # counted.
    random = np.random.default_rng(14)
    lengths = []
    for _ in range(400):
        found = signals(random.standard_normal(600), WESTERN_ELECTRIC)
        lengths.append(found[0].at + 1 if found else 600)
    assert np.mean(lengths) == pytest.approx(91.75, rel=0.12)
