"""Escapes and false calls: by hand, at the edges, and by lines whose truth is known."""

import pytest

from benchmarks.live_line import MIXED, Calls, Line, outcome, plans
from inspector.monitoring.statistics.live_line import (
    Cell,
    Decision,
    Stratum,
    escapes,
    false_calls,
    known,
    strata_of,
)
from inspector.monitoring.statistics.planning import more_reviews
from inspector.monitoring.statistics.shares import modified_wilson


def drawn(parts: int, good: int, defective: int, probability: float = 0.01) -> Stratum:
    return Stratum("OK", "random", parts, (Cell(probability, good, defective),))


def test_an_even_sample_is_what_the_interval_of_a_share_says():
    told = escapes([drawn(1_000_000, 998, 2)])
    assert told.share == pytest.approx(0.002)
    low, high = modified_wilson(2, 1000)
    assert (told.low, told.high) == pytest.approx((low, high), rel=5e-3)
    assert (told.parts, told.decided) == (1_000_000, 1000)


def test_weights_are_those_of_horvitz_and_thompson():
    # 1 of 100 found among photos drawn with 1 %, 4 of 100 among those drawn with 4 %: (100 + 100) / (10,000
    # + 2,500).
    cells = (Cell(0.01, 99, 1), Cell(0.04, 96, 4))
    one = known(Stratum("OK", "random", 12_500, cells), "defective")
    assert one.share == pytest.approx(200 / 12_500)
    # Kish: 12,500 squared over 100 * 10,000 + 100 * 625.
    assert one.worth == pytest.approx(12_500**2 / 1_062_500)


def test_strata_count_by_their_parts_and_distances_add_as_squares():
    random, disputed = drawn(9900, 98, 1), Stratum("OK", "disputed", 100, (Cell(1.0, 30, 20),))
    told = escapes([random, disputed])
    assert told.share == pytest.approx(0.99 / 99 + 0.01 * 0.4)
    first, second = told.strata
    assert told.high - told.share == pytest.approx(
        ((0.99 * (first.high - first.share)) ** 2 + (0.01 * (second.high - second.share)) ** 2) ** 0.5
    )
    assert (first.why, second.why) == ("random", "disputed")


def test_what_everybody_looked_at_is_known():
    told = false_calls([Stratum("ANOMALY", "anomaly", 80, (Cell(1.0, 8, 72),))])
    assert (told.share, told.low, told.high) == pytest.approx((0.1, 0.1, 0.1))


def test_what_was_seen_stays_in_the_interval():
    # 60 of 64 parts decided, 3 good: between 3 and 7 of 64 are.
    told = false_calls([Stratum("ANOMALY", "anomaly", 64, (Cell(1.0, 3, 57),))])
    assert 3 / 64 <= told.low <= told.share <= told.high <= 7 / 64


def test_other_verdicts_do_not_count():
    strata = [drawn(1000, 100, 0), Stratum("ANOMALY", "anomaly", 50, (Cell(1.0, 5, 45),))]
    assert escapes(strata).parts == 1000
    assert false_calls(strata).share == pytest.approx(0.1)


def test_nothing_decided_is_nothing_known():
    told = escapes([drawn(1000, 0, 0)])
    assert (told.share, told.low, told.high) == (None, 0.0, 1.0)
    told = escapes([])
    assert (told.share, told.low, told.high, told.parts) == (None, 0.0, 1.0, 0)
    assert escapes([drawn(0, 0, 0)]).share is None


def test_a_stratum_nobody_looked_at_widens_the_interval_by_its_share():
    seen = escapes([drawn(9900, 99, 0)])
    told = escapes([drawn(9900, 99, 0), Stratum("OK", "disputed", 100, ())])
    assert told.low == 0
    assert told.high == pytest.approx(0.99 * seen.high + 0.01)
    assert told.share == seen.share


def test_decisions_are_counted_by_stratum_and_probability():
    decisions = [
        Decision("OK", "random", 0.01, False),
        Decision("OK", "random", 0.02, True),
        Decision("OK", "random", 0.01, False),
        Decision("OK", "random", 0.01, None),
        Decision("ANOMALY", "anomaly", 1.0, True),
    ]
    parts = {("OK", "random"): 300, ("OK", "disputed"): 2, ("ANOMALY", "anomaly"): 1}
    assert strata_of(decisions, parts) == (
        Stratum("OK", "random", 300, (Cell(0.01, 2, 0), Cell(0.02, 0, 1))),
        Stratum("OK", "disputed", 2, ()),
        Stratum("ANOMALY", "anomaly", 1, (Cell(1.0, 0, 1),)),
    )


def test_intervals_cover_what_they_promise_on_made_up_lines():
    """The small version of `python -m benchmarks live_line`."""
    mixed = outcome(MIXED, 800)
    assert 0.93 <= mixed.covered <= 0.97
    many = outcome(Line((0.005, 0.005), (10_000, 10_000)), 800)
    assert 0.93 <= many.covered <= 0.97
    # Where it fails it says too many escapes more often than too few.
    assert many.below < 0.025
    calls = outcome(Calls(300, 0.3, 0.9), 800)
    assert 0.93 <= calls.covered <= 0.97


def test_the_reviews_that_are_said_to_be_needed_give_the_width():
    planned, widths = plans(0.005, 200)
    assert min(planned) > 0
    assert 0.0035 < sorted(widths)[100] < 0.0055


def test_no_more_reviews_where_the_interval_is_narrow_enough():
    strata = [drawn(1_000_000, 99_000, 100)]
    plan = more_reviews(strata, "defective", 0.01)
    assert (plan.reviews, plan.enough) == (0, True)
    assert plan.width == pytest.approx(escapes(strata).high - escapes(strata).low)


def test_more_for_a_narrower_interval_and_none_without_parts():
    needed = [
        more_reviews([drawn(1_000_000, 300, 1)], "defective", width).reviews for width in (0.01, 0.005, 0.002)
    ]
    assert 0 < needed[0] < needed[1] < needed[2]
    assert more_reviews([], "defective", 0.01) is None
    first = more_reviews([drawn(1_000_000, 0, 0)], "defective", 0.005)
    assert first.enough
    assert 1000 < first.reviews < 10_000


def test_a_width_that_this_stratum_cannot_give():
    strata = [drawn(1000, 30, 0), Stratum("OK", "disputed", 500, ())]
    plan = more_reviews(strata, "defective", 0.001)
    assert (plan.why, plan.reviews, plan.enough) == ("random", 970, False)
