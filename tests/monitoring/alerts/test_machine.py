"""When an alert is raised and over, by hand: limit, hysteresis, quiet time, hours of the day."""

from datetime import UTC, datetime, time, timedelta

import pytest

from inspector.monitoring.alerts.machine import Change, Levels, Standing, step, window_start

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def changes(levels, values, every=timedelta(minutes=1)):
    """[(minute, change), ...] of values that come once a minute."""
    standing, found = Standing(), []
    for place, value in enumerate(values):
        standing, change = step(levels, standing, NOON + place * every, value)
        if change:
            found.append((place, change.value))
    return found


def test_it_is_raised_at_the_limit_and_over_below_it():
    assert changes(Levels(5, 5), [4.9, 5, 7, 5, 4.9, 4, 6]) == [(1, "raised"), (4, "over"), (6, "raised")]


def test_with_hysteresis_it_does_not_flicker_at_the_limit():
    values = [5, 4.9, 5, 4.9, 3.1, 3, 2.9, 4.9, 5]
    assert changes(Levels(5, 3), values) == [(0, "raised"), (6, "over"), (8, "raised")]


def test_low_values_may_be_the_bad_ones():
    assert changes(Levels(10, 12, below=True), [11, 10, 9, 11, 12, 12.1, 10]) == [
        (1, "raised"),
        (5, "over"),
        (6, "raised"),
    ]


def test_in_the_quiet_time_none_is_raised_and_afterwards_what_lasts_is():
    levels = Levels(5, 5, quiet=timedelta(minutes=10))
    values = [6, 1, 6, 1, 6, 6, 6, 6, 6, 6, 6, 6]
    # Raised at 0, over at 1; at 2 and 4 the quiet time of ten minutes holds, at 10 it does no longer.
    assert changes(levels, values) == [(0, "raised"), (1, "over"), (10, "raised")]


def test_a_standing_alert_is_over_in_the_quiet_time_too():
    standing = Standing(True, NOON)
    levels = Levels(5, 5, quiet=timedelta(hours=1))
    assert step(levels, standing, NOON + timedelta(minutes=1), 0) == (Standing(False, NOON), Change.OVER)


@pytest.mark.parametrize(
    ("hours", "moment", "since"),
    [
        ((time(6), time(22)), datetime(2026, 3, 2, 6, tzinfo=UTC), datetime(2026, 3, 2, 6, tzinfo=UTC)),
        ((time(6), time(22)), datetime(2026, 3, 2, 5, 59, tzinfo=UTC), None),
        ((time(6), time(22)), datetime(2026, 3, 2, 22, tzinfo=UTC), None),
        ((time(22), time(6)), datetime(2026, 3, 2, 23, tzinfo=UTC), datetime(2026, 3, 2, 22, tzinfo=UTC)),
        ((time(22), time(6)), datetime(2026, 3, 3, 5, tzinfo=UTC), datetime(2026, 3, 2, 22, tzinfo=UTC)),
        ((time(22), time(6)), datetime(2026, 3, 3, 6, tzinfo=UTC), None),
    ],
)
def test_hours_of_the_day(hours, moment, since):
    assert window_start(hours, moment) == since


def test_hours_are_those_of_the_clock_on_the_wall(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    # Summer time since 29 March 2026: 06:00 is 05:00 UTC before and 04:00 UTC after.
    assert window_start((time(6), time(22)), datetime(2026, 3, 28, 4, 30, tzinfo=UTC)) is None
    assert window_start((time(6), time(22)), datetime(2026, 3, 30, 4, 30, tzinfo=UTC)) is not None
