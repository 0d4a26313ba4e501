"""The claim, the lease and the end of a job, on inspections as an example."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inspector.core import jobs
from inspector.core.jobs import State
from inspector.inspections.models import Inspection
from tests.at_once import at_once
from tests.factories import BatchFactory, InspectionFactory

pytestmark = pytest.mark.django_db


def waiting(n: int = 1, **values: object) -> list[Inspection]:
    return InspectionFactory.create_batch(n, batch=BatchFactory.create(), **values)


def claim(limit: int = 10) -> jobs.Claim:
    return jobs.claim(Inspection.objects.all(), limit)


def run_lease_out() -> None:
    Inspection.objects.update(lease_until=timezone.now() - timedelta(seconds=1))


def state(row: Inspection) -> tuple[str, str]:
    row.refresh_from_db()
    return row.state, row.error_code


def test_a_claim_takes_the_oldest_and_nobody_else_gets_them():
    rows = waiting(3)
    assert claim(2).ids == (rows[0].pk, rows[1].pk)
    assert claim(2).ids == (rows[2].pk,)
    assert claim(2).ids == ()


def test_a_row_tried_before_is_taken_alone():
    tried, *fresh = waiting(3)
    Inspection.objects.filter(pk=tried.pk).update(attempts=1)
    assert claim().ids == (tried.pk,)
    assert claim().ids == tuple(row.pk for row in fresh)


def test_an_end_is_written_once():
    (row,) = waiting()
    mine = claim()
    assert jobs.fail(Inspection, row.pk, mine.token, "truncated", "Cut off.")
    assert not jobs.fail(Inspection, row.pk, mine.token, "other", "Again.")
    assert state(row) == (State.FAILED, "truncated")


def test_a_late_worker_writes_nothing():
    (row,) = waiting()
    late = claim()
    run_lease_out()
    assert jobs.expire(Inspection) == (1, 0)
    in_time = claim()
    assert not jobs.renew(Inspection, late.token)
    assert not jobs.fail(Inspection, row.pk, late.token, "late", "")
    assert jobs.give_back(Inspection, late.token) == 0
    assert jobs.fail(Inspection, row.pk, in_time.token, "in_time", "")
    assert state(row) == (State.FAILED, "in_time")


def test_a_renewed_lease_does_not_run_out():
    waiting()
    mine = claim()
    run_lease_out()
    assert jobs.renew(Inspection, mine.token)
    assert jobs.expire(Inspection) == (0, 0)


def test_what_kills_every_worker_fails_at_last(settings):
    settings.MAX_ATTEMPTS = 2
    (row,) = waiting()
    for expected in ((1, 0), (0, 1)):
        assert claim().ids == (row.pk,)
        run_lease_out()
        assert jobs.expire(Inspection) == expected
    assert state(row) == (State.FAILED, "worker_lost")
    row.refresh_from_db()
    assert "Retry" in row.error_message and row.finished


def test_what_is_given_back_too_often_fails_with_the_code(settings):
    settings.MAX_ATTEMPTS = 2
    (row,) = waiting()
    for expected in ((State.WAITING, ""), (State.FAILED, "worker_fault")):
        jobs.give_back(Inspection, claim().token, code="worker_fault", message="The disk is full.")
        assert state(row) == expected


def test_retry_starts_afresh_and_only_what_failed():
    row, untouched = waiting(2)
    jobs.fail(Inspection, row.pk, claim(1).token, "truncated", "Cut off.")
    assert jobs.retry(Inspection.objects.all()) == 1
    row.refresh_from_db()
    assert (row.state, row.attempts, row.error_code, row.finished) == (State.WAITING, 0, "", None)
    assert state(untouched) == (State.WAITING, "")


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_at_the_same_moment_one_gets_a_row():
    waiting(40)
    taken: list[tuple[int, ...]] = []

    def work() -> None:
        for _ in range(10):
            taken.append(claim(4).ids)

    assert at_once(*4 * [work]) == []
    ids = [pk for ids in taken for pk in ids]
    assert len(ids) == len(set(ids))
    assert Inspection.objects.filter(state=State.RUNNING, attempts=1).count() == len(ids)
