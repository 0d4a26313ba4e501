"""Progress reports, with a fake clock."""

import pytest

from detection import Cancelled
from detection.learning.progress import Watch


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_fraction_never_falls_and_ends_at_one():
    reports = []
    watch = Watch(reports.append)
    for phase in ("reading", "training", "calibrating"):
        for done in (0, 3, 1, 4):
            watch.tell(phase, done, 10)
    watch.tell("writing", 0, 1)
    watch.finish()
    fractions = [progress.fraction for progress in reports]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0
    assert fractions[-1] == 1


def test_minutes_move_the_bar_when_they_will_end_it_first():
    clock, reports = Clock(), []
    watch = Watch(reports.append, minutes=1, clock=clock)
    clock.now = 30
    watch.tell("training", 1, 1000)
    assert 0.4 < reports[-1].fraction < 0.55
    assert not watch.out_of_time
    clock.now = 60
    assert watch.out_of_time


def test_the_time_left_goes_by_the_pace_of_the_training():
    clock, reports = Clock(), []
    watch = Watch(reports.append, clock=clock)
    watch.tell("reading", 1, 2)
    assert reports[-1].seconds_left is None
    watch.tell("training", 1, 100)
    assert reports[-1].seconds_left is None
    clock.now = 20
    watch.tell("training", 25, 100, epoch=1, epochs=4, train_loss=0.1)
    assert 60 <= reports[-1].seconds_left <= 75
    assert reports[-1].as_dict()["train_loss"] == 0.1


def test_cancel_is_heard_whenever_something_is_told():
    watch = Watch(should_stop=lambda: True)
    with pytest.raises(Cancelled):
        watch.tell("reading", 0, 1)


def test_work_that_is_a_part_of_a_phase_fills_that_part():
    reports = []
    watch = Watch(reports.append, minutes=1, should_stop=lambda: len(reports) > 2, clock=Clock())
    first, second = watch.part(0, 0.5), watch.part(0.5, 1)
    first.tell("training", 1, 1)
    half = reports[-1].fraction
    second.tell("training", 0, 10)
    assert reports[-1].fraction == half
    second.tell("training", 10, 10, epoch=3)
    assert reports[-1].fraction > half
    assert reports[-1].epoch == 3
    with pytest.raises(Cancelled):
        second.check()


def test_the_share_of_time_is_of_what_there_was():
    clock = Clock()
    assert Watch(clock=clock).share_of_time() == 0
    watch = Watch(minutes=4, clock=clock)
    clock.now = 120
    assert watch.share_of_time() == 0.5
    assert watch.share_of_time(since=120) == 0
    clock.now = 180
    assert watch.share_of_time(since=120) == 0.5
