"""p and p' charts against values that were printed by others, and which of the two is said to be right."""

import numpy as np
import pytest

from inspector.monitoring.statistics import p_chart
from inspector.monitoring.statistics.dispersion import Finding, dispersion, right_chart
from inspector.monitoring.statistics.p_chart import Kind, NoLimits, Subgroup, Why

# Montgomery, Introduction to Statistical Quality Control, table 7.1: cans of frozen orange juice that leak,
# of 50 each.
CANS = [
    12,
    15,
    8,
    10,
    4,
    7,
    16,
    9,
    14,
    10,
    5,
    6,
    17,
    12,
    22,
    8,
    10,
    5,
    13,
    11,
    20,
    18,
    24,
    15,
    9,
    12,
    7,
    13,
    9,
    6,
]
# The same book, table 7.4: purchase orders with errors; weeks of different size.
ORDERS = [
    *[(100, 12), (80, 8), (80, 6), (100, 9), (110, 10), (110, 12), (100, 11), (100, 16), (90, 10), (90, 6)],
    *[(110, 20), (120, 15), (120, 9), (120, 8), (110, 6), (80, 8), (80, 10), (80, 7), (90, 5), (100, 8)],
    *[(100, 5), (100, 8), (100, 10), (90, 6), (90, 9)],
]
# Mohammed, Panesar, Laney and Wilson 2013, BMJ Quality & Safety 22: patients seen within four hours in the
# emergency departments of England, by week; the data set nhs_accidents of the R package qicharts2.
SEEN = [
    *[(280443, 266501), (276823, 264225), (291681, 276532), (296155, 281461), (282343, 269071)],
    *[(275888, 261215), (283867, 270409), (295251, 279778), (284468, 270483), (282529, 270320)],
    *[(279618, 267923), (283932, 271478), (266629, 255353), (268091, 256820), (276803, 261835)],
    *[(271578, 259144), (266005, 255910), (273520, 260863), (278574, 264465), (273772, 260989)],
]


def subgroups(pairs) -> list[Subgroup]:
    return [Subgroup(n, defective) for n, defective in pairs]


def drawn(random, rates, size: int = 200) -> list[Subgroup]:
    return [Subgroup(size, int(random.binomial(size, rate))) for rate in rates]


def test_the_orange_juice_of_montgomery():
    chart = p_chart.p_chart([Subgroup(50, count) for count in CANS])
    assert (chart.kind, chart.sigma_z) == (Kind.P, 1.0)
    assert chart.centre == pytest.approx(0.2313, abs=5e-5)
    # The book rounds on the way: 0.0524 and 0.4102.
    assert [chart.points[0].low, chart.points[0].high] == pytest.approx([0.0524, 0.4102], abs=1e-4)
    assert [i for i, point in enumerate(chart.points, start=1) if abs(point.z) > 3] == [15, 23]


def test_limits_come_from_the_base_period():
    # The book removes samples 15 and 23 and gets 0.2150, with limits 0.0407 and 0.3893.
    cans = [*CANS[:14], *CANS[15:22], *CANS[23:], CANS[14], CANS[22]]
    chart = p_chart.p_chart([Subgroup(50, count) for count in cans], slice(28))
    assert chart.centre == pytest.approx(0.2150, abs=5e-5)
    assert [chart.points[0].low, chart.points[0].high] == pytest.approx([0.0407, 0.3893], abs=1e-4)
    assert [point.z > 3 for point in chart.points[28:]] == [True, True]


def test_points_are_drawn_for_the_subgroups_asked_for():
    subgroups = [Subgroup(50, bad) for bad in CANS]
    base = slice(None, 25)
    for draw in (p_chart.p_chart, p_chart.laney):
        assert draw(subgroups, base, slice(-3, None)).points == draw(subgroups, base).points[-3:]


def test_the_purchase_orders_of_montgomery_have_limits_of_their_own():
    chart = p_chart.p_chart(subgroups(ORDERS))
    assert chart.centre == pytest.approx(0.096, abs=5e-4)
    # n = 100, 80 and 120 in table 7.4.
    printed = {0: (0.007, 0.184), 1: (0.0, 0.194), 11: (0.015, 0.176)}
    for i, limits in printed.items():
        assert (chart.points[i].low, chart.points[i].high) == pytest.approx(limits, abs=2e-3)
    assert [i for i, point in enumerate(chart.points, start=1) if point.share > point.high] == [11]


def test_the_emergency_departments_on_laneys_chart():
    chart = p_chart.laney(subgroups(SEEN))
    # As computed by the controlcharts package from the same data (its test of the p' chart), in percent.
    upper = [96.567, 96.5753, 96.5421, 96.5326, 96.5627, 96.5775, 96.5593, 96.5345, 96.5579, 96.5623]
    lower = [94.013, 94.0046, 94.0378, 94.0473, 94.0173, 94.0025, 94.0207, 94.0454, 94.022, 94.0177]
    assert [100 * point.high for point in chart.points[:10]] == pytest.approx(upper, abs=1e-4)
    assert [100 * point.low for point in chart.points[:10]] == pytest.approx(lower, abs=1e-4)
    assert not any(abs(point.z) > 3 for point in chart.points)
    assert sum(abs(point.z) > 3 for point in p_chart.p_chart(subgroups(SEEN)).points) > 10
    known = dispersion(subgroups(SEEN))
    assert (known.finding, known.right) == (Finding.OVER, Kind.LANEY)
    assert known.p_value < 1e-12
    assert "Laney" in known.in_words()


def test_sigma_z_by_hand():
    # Base rate 0.1, n = 900: sigma is 0.01. z = 0, 2, -2, 0; ranges 2, 4, 2: mean 8/3.
    chart = p_chart.laney([Subgroup(900, count) for count in (90, 108, 72, 90)])
    assert chart.sigma_z == pytest.approx(8 / 3 / 1.128, rel=1e-3)
    assert chart.points[1].high == pytest.approx(0.1 + 3 * 0.01 * chart.sigma_z)
    assert chart.points[1].z == pytest.approx(2 / chart.sigma_z)


def test_subgroups_without_parts_have_no_point_and_change_nothing():
    with_gaps = subgroups([ORDERS[0], (0, 0), *ORDERS[1:]])
    chart, plain = p_chart.laney(with_gaps), p_chart.laney(subgroups(ORDERS))
    assert chart.points[1] == p_chart.Point(None, None, None, None)
    assert (chart.centre, chart.sigma_z) == (plain.centre, plain.sigma_z)


@pytest.mark.parametrize(
    ("pairs", "why"),
    [
        ([], Why.NO_PARTS),
        ([(0, 0), (0, 0)], Why.NO_PARTS),
        ([(50, 0), (60, 0)], Why.NO_DEFECTIVE),
        ([(50, 50), (60, 60)], Why.ALL_DEFECTIVE),
        ([(50, 3)], Why.TOO_SHORT),
    ],
)
def test_a_base_period_that_gives_no_limits_says_why(pairs, why: Why):
    with pytest.raises(NoLimits) as refused:
        p_chart.laney(subgroups(pairs))
    assert refused.value.why is why


def test_neighbours_that_never_differ_leave_no_room():
    chart = p_chart.laney([Subgroup(100, 5)] * 5 + [Subgroup(100, 6), Subgroup(100, 4)], slice(5))
    assert [point.z for point in chart.points[4:]] == [0.0, float("inf"), float("-inf")]


def test_what_chance_draws_is_seldom_called_overdispersed():
    random = np.random.default_rng(14)
    findings = [dispersion(drawn(random, [0.05] * 60)).finding for _ in range(400)]
    assert findings.count(Finding.OVER) <= 0.04 * 400
    assert findings.count(Finding.MOVED) <= 0.04 * 400
    assert findings.count(Finding.CHANCE) >= 0.9 * 400


def test_a_level_for_each_subgroup_is_overdispersion_and_a_step_is_not():
    random = np.random.default_rng(14)
    each, step = [], []
    for _ in range(50):
        each.append(dispersion(drawn(random, random.beta(5, 95, 60), 2000)).finding)
        step.append(dispersion(drawn(random, [0.03] * 30 + [0.06] * 30, 400)).finding)
    assert each.count(Finding.OVER) == 50
    assert step.count(Finding.MOVED) >= 45


def test_too_even_short_and_sparse_base_periods_are_told():
    even = [Subgroup(200, 10 + i % 2) for i in range(40)]
    assert dispersion(even).finding is Finding.UNDER
    assert dispersion(even[:10]).finding is Finding.SHORT
    sparse = [Subgroup(100, i % 2) for i in range(40)]
    chart, known = right_chart(sparse)
    assert (known.finding, chart.kind) == (Finding.SPARSE, Kind.P)
    for known in (dispersion(even), dispersion(even[:10]), dispersion(sparse)):
        assert known.in_words().endswith(".")
        assert "{" not in known.in_words()


def test_the_interval_of_sigma_z_holds_what_it_promises():
    random = np.random.default_rng(14)
    held = 0
    for _ in range(500):
        known = dispersion(drawn(random, [0.1] * 50, 1000))
        held += known.low <= 1 <= known.high
    assert 0.93 * 500 <= held <= 0.98 * 500
