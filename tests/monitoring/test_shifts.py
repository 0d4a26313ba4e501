"""Shifts by a timetable: also in the nights in which clocks are changed."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ImproperlyConfigured

from inspector.monitoring.shifts import Timetable, parse, shift_of

BERLIN = ZoneInfo("Europe/Berlin")
THREE = "Early=06:00-14:00, Late=14:00-22:00,Night=22:00-06:00"
TABLE = parse(THREE, "Europe/Berlin")


def at(*when: int, zone=BERLIN, fold: int = 0) -> datetime:
    return datetime(*when, tzinfo=zone, fold=fold)


@pytest.mark.parametrize(
    ("moment", "name", "day"),
    [
        (at(2026, 5, 4, 6, 0), "Early", 4),
        (at(2026, 5, 4, 13, 59), "Early", 4),
        (at(2026, 5, 4, 14, 0), "Late", 4),
        (at(2026, 5, 4, 23, 0), "Night", 4),
        (at(2026, 5, 5, 5, 59), "Night", 4),
        (at(2026, 5, 4, 3, 59, zone=UTC), "Night", 3),
        (at(2026, 5, 4, 4, 0, zone=UTC), "Early", 4),
        (at(2026, 1, 4, 5, 0, zone=UTC), "Early", 4),
    ],
)
def test_a_time_is_of_the_shift_that_runs_then(moment, name, day):
    shift = TABLE.shift_of(moment)
    assert (shift.name, shift.day.day) == (name, day)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 28), 7), (date(2026, 10, 24), 9), (date(2026, 5, 4), 8)]
)
def test_the_night_in_which_clocks_are_changed_is_shorter_or_longer(day, hours):
    night = next(shift for shift in TABLE.of_day(day) if shift.name == "Night")
    assert night.end - night.start == timedelta(hours=hours)


@pytest.mark.parametrize("text", [THREE, "A=02:30-14:00,B=14:00-02:30", "All=00:00-00:00"])
@pytest.mark.parametrize("first", [date(2026, 3, 27), date(2026, 10, 23)])
def test_each_instant_is_of_one_shift_whatever_clocks_do(text, first):
    table = parse(text, "Europe/Berlin")
    shifts = list(table.of_days(first, first + timedelta(days=4)))
    assert all(one.end == other.start for one, other in pairwise(shifts))
    for shift in shifts:
        for moment in (shift.start, shift.end - timedelta(microseconds=1)):
            assert table.shift_of(moment) == shift


def test_between_shifts_and_without_a_timetable_there_is_none():
    assert parse("Day=08:00-16:00", "UTC").shift_of(at(2026, 5, 4, 17, 0, zone=UTC)) is None
    assert Timetable().shift_of(at(2026, 5, 4, 17, 0)) is None
    assert shift_of(at(2026, 5, 4, 17, 0)) is None


def test_a_shift_in_the_skipped_hour_is_not_worked():
    table = parse("Short=02:00-03:00", "Europe/Berlin")
    assert table.of_day(date(2026, 3, 29)) == ()
    assert len(table.of_day(date(2026, 3, 30))) == 1


def test_the_installations_timetable_is_what_counts(settings):
    settings.SHIFTS = TABLE
    assert shift_of(at(2026, 5, 4, 7, 0)).name == "Early"
    assert TABLE.names == ["Early", "Late", "Night"]


@pytest.mark.parametrize(
    ("text", "zone", "told"),
    [
        ("Early", "UTC", "is not a shift"),
        ("Early=6-14", "UTC", "is not a shift"),
        ("Early=06:00-25:00", "UTC", "is not a shift"),
        ("=06:00-14:00", "UTC", "is not a shift"),
        ("A=06:00-14:00,B=13:59-15:00", "UTC", "overlap"),
        ("A=22:00-06:00,B=05:00-07:00", "UTC", "overlap"),
        ("A=06:00-07:00,A=08:00-09:00", "UTC", "name of its own"),
        (THREE, "Berlin", "not a time zone"),
    ],
)
def test_a_bad_timetable_stops_the_start_with_a_sentence(text, zone, told):
    with pytest.raises(ImproperlyConfigured, match=told):
        parse(text, zone)
