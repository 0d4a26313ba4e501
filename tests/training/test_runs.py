"""Cancelling, retrying, sweeping."""

import pytest

from inspector.core import work
from inspector.core.errors import Conflict
from inspector.core.jobs import State
from inspector.core.models import Event
from inspector.training.cancel import cancel
from inspector.training.retry import retry
from inspector.training.selectors import open_run_by_category, open_runs, runs
from tests.factories import TrainingRunFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_waiting_run_ends_at_once_and_a_running_one_is_asked(person):
    waiting, running = TrainingRunFactory.create(), TrainingRunFactory.create(state=State.RUNNING)
    assert cancel(waiting, by=person("Admin")).state == State.CANCELLED
    asked = cancel(running, by=person("Admin"))
    assert (asked.state, asked.cancel_requested) == (State.RUNNING, True)
    assert Event.objects.filter(kind="run.cancelled", actor=person("Admin")).count() == 2


@pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.CANCELLED])
def test_what_is_over_is_not_cancelled(state):
    with pytest.raises(Conflict) as refused:
        cancel(TrainingRunFactory.create(state=state), by=None)
    assert refused.value.code == "run_over"


def test_a_failed_run_waits_again(nudges, django_capture_on_commit_callbacks):
    run = TrainingRunFactory.create(
        state=State.FAILED, attempts=3, error_code="worker_lost", error_message="x", cancel_requested=True
    )
    with django_capture_on_commit_callbacks(execute=True):
        retry(run, by=None)
    assert (run.state, run.attempts, run.error_code, run.cancel_requested) == (State.WAITING, 0, "", False)
    assert nudges == [(work.TASK, ("training", run.pk))]


def test_what_has_not_failed_is_not_retried():
    with pytest.raises(Conflict) as refused:
        retry(TrainingRunFactory.create(state=State.DONE), by=None)
    assert refused.value.code == "not_failed"


def test_a_retry_waits_for_the_open_run_of_its_category():
    failed = TrainingRunFactory.create(state=State.FAILED)
    TrainingRunFactory.create(category=failed.category)
    with pytest.raises(Conflict) as refused:
        retry(failed, by=None)
    assert refused.value.code == "run_open"
    failed.refresh_from_db()
    assert failed.state == State.FAILED


def test_lists_of_runs_cost_one_query(django_assert_num_queries):
    for _ in range(5):
        TrainingRunFactory.create(requested_by=UserFactory.create())
    done = TrainingRunFactory.create(state=State.DONE)
    with django_assert_num_queries(1):
        assert next(str(run.category) for run in runs()) == str(done.category)
    with django_assert_num_queries(1):
        found = [(str(run), str(run.requested_by)) for run in open_runs()]
    assert len(found) == 5
    with django_assert_num_queries(1):
        assert open_run_by_category([done.category]) == {}
