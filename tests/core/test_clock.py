"""Machines whose clocks are wrong: leases and sweeps go on as if they were right."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from celery import Celery, beat
from django.utils import timezone

from inspector.core import jobs
from inspector.core.beat import Scheduler
from inspector.core.jobs import State
from inspector.inspections.models import Inspection
from tests.factories import InspectionFactory

OFF = [timedelta(minutes=-5), timedelta(minutes=5)]


@pytest.fixture
def clock_off(monkeypatch, settings):
    """clock_off(by) -> from now on this process's clock is off by so much."""
    settings.LEASE_SECONDS = 20
    right = timezone.now
    return lambda by: monkeypatch.setattr(timezone, "now", lambda: right() + by)


@pytest.mark.django_db
@pytest.mark.parametrize("worker", OFF)
@pytest.mark.parametrize("sweeper", OFF)
def test_a_healthy_lease_is_nobody_elses_whatever_the_clocks_say(clock_off, worker, sweeper):
    InspectionFactory.create()
    clock_off(worker)
    mine = jobs.claim(Inspection.objects.all(), 1)
    clock_off(sweeper)
    assert jobs.expire(Inspection) == (0, 0)
    clock_off(worker)
    assert jobs.renew(Inspection, mine.token)
    clock_off(sweeper)
    assert jobs.expire(Inspection) == (0, 0)
    row = Inspection.objects.get()
    assert abs((row.started - datetime.now(UTC)).total_seconds()) < 60


@pytest.mark.django_db
@pytest.mark.parametrize("by", OFF)
def test_a_lease_that_ran_out_is_seen_whatever_the_clock_says(clock_off, by):
    InspectionFactory.create(state=State.RUNNING, lease_until=timezone.now() - timedelta(seconds=1))
    clock_off(by)
    assert jobs.expire(Inspection) == (1, 0)


def scheduler(kind: type[beat.Scheduler]) -> beat.Scheduler:
    """One that last ran, and last sent its one sweep, when the clock was a day ahead."""
    app = Celery(set_as_current=False, broker="memory://")
    app.conf.beat_schedule = {"sweep": {"task": "sweep", "schedule": 10.0}}
    made = kind(app)
    made.schedule["sweep"].last_run_at = datetime.now(UTC) + timedelta(days=1)
    made._last_tick = time.time() + 86_400
    return made


def test_a_clock_that_was_set_back_does_not_stop_the_sweeps():
    assert scheduler(beat.Scheduler).tick() == beat.Scheduler.max_interval, "as celery has it"
    mended = scheduler(Scheduler)
    assert mended.tick() <= 10
    assert mended.schedule["sweep"].last_run_at <= datetime.now(UTC)
