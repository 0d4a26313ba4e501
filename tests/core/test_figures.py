"""Numbers as people read them."""

from datetime import UTC, datetime

import pytest

from inspector.core.charts import Range, ceiling
from inspector.core.templatetags import figures

MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"
DASH = "\N{EN DASH}"


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("show", "value", "shown"),
    [
        (figures.metric, 0.97349, "0.973"),
        (figures.metric, 1, "1.000"),
        (figures.metric, None, DASH),
        (figures.metric, "", DASH),
        (figures.change, 0.0121, "+0.012"),
        (figures.change, -0.5, f"{MINUS}0.500"),
        (figures.change, -0.0004, "±0"),
        (figures.change, None, DASH),
        (figures.more, 2, "+2"),
        (figures.more, -1, f"{MINUS}1"),
        (figures.more, 0, "±0"),
        (figures.small, 0.00213456, "0.00213"),
        (figures.small, 0.0000213, "0.0000213"),
        (figures.small, 12345, "12,300"),
        (figures.small, 5e-324, f"4.94 {TIMES} 10⁻³²⁴"),
        (figures.small, 1e-12, f"1 {TIMES} 10⁻¹²"),
        (figures.small, 0, "0"),
        (figures.percent, 0.125, "12 %"),
        (figures.percent, None, DASH),
        (figures.duration, 45.4, "45 s"),
        (figures.duration, 59.6, "1 min"),
        (figures.duration, 80, "1 min 20 s"),
        (figures.duration, 7500, "2 h 5 min"),
        (figures.roughly, 1, "5 s"),
        (figures.roughly, 42, "40 s"),
        (figures.roughly, 57, "1 min"),
        (figures.roughly, 170, "3 min"),
        (figures.roughly, 3590, "1 h"),
        (figures.roughly, 7900, "2 h 10 min"),
    ],
)
def test_figures(show, value, shown):
    assert plain(show(value)) == shown


@pytest.mark.parametrize(
    ("n", "shown"), [(0, "12 %"), (45, "12 %"), (999, "12.3 %"), (5000, "12.34 %"), (10**6, "12.34 %")]
)
def test_a_rate_has_the_digits_that_so_many_can_tell_apart(n, shown):
    assert plain(figures.rate(0.12341, n)) == shown


@pytest.mark.parametrize(
    ("score", "threshold", "shown"),
    [
        (101.95, 8.09, "12.6"),
        (0.00247, 0.0014, "1.76"),
        (0.0097999, 0.0098, "just under 1"),
        (0.0098, 0.0098, "1.00"),
        (5e9, 1, "over 100"),
        (-0.5, 1, f"{MINUS}0.50"),
        (1, 0, ""),
        (1, -2, ""),
        (float("inf"), 1, ""),
        (None, 1, ""),
        (1, None, ""),
    ],
)
def test_a_score_as_a_multiple_of_its_threshold(score, threshold, shown):
    assert figures.times(score, threshold) == shown


def test_seconds_between_moments():
    start, end = datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 1, 13, tzinfo=UTC)
    assert figures.seconds_until(start, end) == 3600
    assert figures.seconds_until(None, end) is None


def test_scales_hold_what_they_show():
    assert ceiling([]) == 0.05
    assert ceiling([0.12, 0.31]) == 0.4
    assert ceiling([1.0]) == 1.0
    assert Range(0.01, 1, log=True).place(0.1) == pytest.approx(50)
