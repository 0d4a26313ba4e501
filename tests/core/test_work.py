"""The runner of long jobs, on every kind there is: a small function stands in for what the job does."""

import logging
import threading
import time
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.utils import timezone

from detection import CannotWrite, DetectionError
from inspector.core import attempt as attempts
from inspector.core import heartbeat, jobs, nudge, work
from inspector.core.errors import Refused
from inspector.core.jobs import State
from inspector.explanations.models import Explanation
from inspector.exports.models import Export
from inspector.robustness.models import RobustnessReport
from inspector.samples.models import Exploration
from inspector.training.models import TrainingRun
from inspector.trials.models import Trial
from tests.factories import (
    AskedRobustnessReportFactory,
    ExplanationFactory,
    ExplorationFactory,
    ExportFactory,
    TrainingRunFactory,
    TrialFactory,
)

pytestmark = pytest.mark.django_db
# A kind without a factory here is a kind without tests.
FACTORIES = {
    TrainingRun: TrainingRunFactory,
    Exploration: ExplorationFactory,
    Export: ExportFactory,
    Explanation: ExplanationFactory,
    Trial: TrialFactory,
    RobustnessReport: AskedRobustnessReportFactory,
}
PAST = timezone.now() - timedelta(minutes=5)


@pytest.fixture(params=[kind.name for kind in work.kinds()], autouse=True)
def kind(request, monkeypatch):
    monkeypatch.setattr(attempts, "WRITE_SECONDS", 0.0)
    monkeypatch.setattr(attempts, "PATIENCE_SECONDS", (0.0, 0.0))
    return work.kind(request.param)


@pytest.fixture
def make(kind):
    return FACTORIES[kind.model].create


@pytest.fixture
def job(make):
    return make()


@pytest.fixture
def does(kind, monkeypatch):
    """does(function) -> from now on this is what such a job does."""

    def swap(function, **values):
        monkeypatch.setitem(work._kinds, kind.name, replace(kind, do=function, **values))

    return swap


def run(job, **more):
    return work.run(type(job), job.pk, **more)


def reloaded(job):
    return type(job).objects.get(pk=job.pk)


def steps(attempt):
    for n in (1, 2, 3):
        attempt.go_on()
        attempt.report_progress(done=n)


# --- Ends ------------------------------------------------------------------------------------
def test_a_job_that_comes_to_its_end_is_done(job, does):
    does(steps)
    done = run(job)
    assert (done.state, done.attempts, done.claim, done.lease_until) == (State.DONE, 1, None, None)
    assert done.progress == {"done": 3}
    assert done.finished


def test_what_takes_long_to_load_is_loaded_before_a_lease_could_run_out(job, does, monkeypatch):
    seen = []

    def load(name):
        seen.append((name, reloaded(job).state))
        raise ImportError(name)  # for the job to say

    monkeypatch.setattr(work.importlib, "import_module", load)
    does(lambda attempt: None, loads="heavy")
    assert run(job).state == State.DONE
    assert seen == [("heavy", State.WAITING)]


def test_a_message_that_comes_twice_is_worked_on_once(job, does):
    calls = []
    does(calls.append)
    run(job)
    assert run(job) is None
    assert work.run(type(job), 999_999) is None
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("error", "code", "message", "details"),
    [
        (Refused("too_dark", "All photos are black."), "too_dark", "All photos are black.", ""),
        (DetectionError("No weights.", details="<urlopen>"), "detection", "No weights.", "<urlopen>"),
        (
            CannotWrite("disk_full", "The disk is full.", "x"),
            "disk_full",
            "The disk is full. Then {again}.",
            "",
        ),
    ],
)
def test_what_it_refuses_is_told_as_it_is(kind, job, does, error, code, message, details):
    def refuse(attempt):
        raise error

    does(refuse)
    failed = run(job)
    assert (failed.state, failed.error_code) == (State.FAILED, code)
    assert (failed.error_message, failed.error_details) == (message.format(again=kind.again), details)


def test_a_fault_is_told_in_a_plain_sentence_and_traced_in_the_log(kind, job, does, caplog):
    does(lambda attempt: 1 / 0)
    failed = run(job)
    assert (failed.state, failed.error_code) == (State.FAILED, f"{kind.name}_failed")
    assert failed.error_message.startswith(f"The {kind.name} failed because of a fault in the program")
    assert failed.error_details == "ZeroDivisionError: division by zero"
    log_id = failed.error_message.split()[-1].strip(".")
    assert log_id in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_a_fault_of_the_machine_says_what_to_do(job, does):
    def fail(attempt):
        raise OSError(24, "Too many open files")

    does(fail)
    failed = run(job)
    assert failed.error_code == "too_many_open_files"
    assert "Raise the limit of open files" in failed.error_message


# --- Stopped ---------------------------------------------------------------------------------
def test_a_running_job_that_is_cancelled_ends_soon_and_keeps_how_far_it_was(job, does):
    def cancelled(attempt):
        attempt.report_progress(done=1)
        assert work.cancel(reloaded(job))
        attempt.go_on()
        raise AssertionError("went on")

    does(cancelled)
    ended = run(job)
    assert (ended.state, ended.progress, ended.claim) == (State.CANCELLED, {"done": 1}, None)
    assert not work.cancel(ended)


def test_a_job_that_is_cancelled_while_it_stores_its_result_leaves_none(job, does):
    def late(attempt):
        attempt.report_progress(done=3)
        assert work.cancel(reloaded(job))
        attempt.finish(error_message="a result")

    does(late)
    ended = run(job)
    assert (ended.state, ended.error_message, ended.claim) == (State.CANCELLED, "", None)


def test_a_waiting_job_that_is_cancelled_ends_at_once(job, does):
    assert work.cancel(job)
    assert (job.state, bool(job.finished)) == (State.CANCELLED, True)
    assert run(job) is None


def test_a_job_that_was_cancelled_while_its_worker_ended_is_not_begun_again(make, does):
    does(lambda attempt: pytest.fail("began"))
    assert run(make(cancel_requested=True)).state == State.CANCELLED


def test_a_worker_that_is_told_to_end_gives_it_back_and_the_try_does_not_count(job, does):
    told = []

    def leave(attempt):
        told.append(True)
        attempt.go_on()

    does(leave)
    given_back = run(job, shutting_down=lambda: bool(told))
    assert (given_back.state, given_back.attempts, given_back.claim) == (State.WAITING, 0, None)
    does(steps)
    assert run(job).state == State.DONE


def test_a_worker_that_is_cut_off_gives_it_back_at_once(job, does):
    def cut(attempt):
        raise KeyboardInterrupt

    does(cut)
    with pytest.raises(KeyboardInterrupt):
        run(job)
    given_back = reloaded(job)
    assert (given_back.state, given_back.attempts) == (State.WAITING, 0)


def test_a_job_that_another_worker_took_is_left_to_it(job, does):
    """The lease ran out while this worker was away."""

    def lose(attempt):
        attempt.report_progress(done=1)
        type(job).objects.filter(pk=job.pk).update(claim=None, state=State.WAITING, lease_until=None)
        attempt.go_on()
        raise AssertionError("went on")

    does(lose)
    left = run(job)
    assert (left.state, left.attempts) == (State.WAITING, 1)


def test_a_lease_lost_at_the_last_moment_ends_nothing(job, does, caplog):
    def lose(attempt):
        type(job).objects.filter(pk=job.pk).update(claim=None, state=State.WAITING, lease_until=None)
        attempt.finish()

    does(lose)
    assert run(job).state == State.WAITING
    assert "another worker has it" in caplog.text


def test_a_job_that_is_deleted_meanwhile_is_no_fault(job, does, caplog):
    does(lambda attempt: type(job).objects.filter(pk=job.pk).delete())
    with caplog.at_level(logging.ERROR):
        assert run(job) is None
    assert caplog.text == ""


# --- Progress and lease ----------------------------------------------------------------------
def test_progress_is_written_at_most_once_a_second_and_the_last_of_it_always(job, does, monkeypatch):
    now, written, whole = [1000.0], [], jobs.renew
    monkeypatch.setattr(attempts, "WRITE_SECONDS", 1.0)
    monkeypatch.setattr(attempts, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def renew(model, token, **values):
        written.append(values["progress"])
        return whole(model, token, **values)

    def many(attempt):
        for n in range(20):
            now[0] += 0.125
            attempt.report_progress(n=n)
            attempt.should_stop()

    monkeypatch.setattr(jobs, "renew", renew)
    does(many)
    assert run(job).progress == {"n": 19}
    assert [values.get("n") for values in written] == [None, 7, 15]


def test_the_lease_is_held_while_it_runs(job, does):
    leases = []

    def hold(attempt):
        for n in range(3):
            attempt.report_progress(n=n)
            leases.append(reloaded(job).lease_until)
            time.sleep(0.002)  # SQLite's clock counts milliseconds

    does(hold)
    run(job)
    assert leases[0] < leases[1] < leases[2]


def test_the_lease_is_held_through_a_step_that_tells_nothing(job, does, settings, monkeypatch):
    renewed = threading.Event()
    monkeypatch.setattr(heartbeat.jobs, "renew", lambda model, token, **values: renewed.set() or True)

    def silent(attempt):
        settings.LEASE_SECONDS = 0.03
        with attempt.held():
            settings.LEASE_SECONDS = 60
            renewed.clear()
            assert renewed.wait(30)

    does(silent)
    assert run(job).state == State.DONE


def test_a_job_starved_of_a_core_keeps_its_lease_and_one_that_hangs_does_not(
    job, does, settings, monkeypatch
):
    renewed = []
    monkeypatch.setattr(
        heartbeat.jobs, "renew", lambda model, token, **values: renewed.append(values) or True
    )
    settings.LEASE_SECONDS, settings.SILENCE_SECONDS = 0.03, 60

    def silent(attempt):
        wait_until(lambda: {} in renewed)  # not by the job, which would write its progress
        attempt._heartbeat.expect("progress", 0.02)  # its time is over
        wait_until(lambda: not attempt._heartbeat._thread.is_alive())

    does(silent)
    assert run(job).state == State.DONE


def wait_until(true):
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize(("resumes", "begins"), [(False, {}), (True, {"done": 7})])
def test_a_further_attempt_begins_anew_or_goes_on_as_its_kind_says(make, does, resumes, begins):
    found = []
    does(lambda attempt: found.append((attempt.progress, reloaded(attempt.job).progress)), resumes=resumes)
    run(make(progress={"done": 7}))
    assert found == [(begins, begins)]


def test_whoever_waits_for_it_in_a_terminal_hears_of_it_at_once(job, does):
    heard = []
    does(steps)
    run(job, on_progress=heard.append)
    assert heard == [{"done": 1}, {"done": 2}, {"done": 3}]


# --- The database is away --------------------------------------------------------------------
def away(monkeypatch, name, times):
    """The next calls of jobs.<name> find no database."""
    whole, left = getattr(jobs, name), [times]

    def call(*args, **values):
        left[0] -= 1
        if left[0] >= 0:
            raise OperationalError("gone")
        return whole(*args, **values)

    monkeypatch.setattr(jobs, name, call)


@pytest.mark.parametrize("name", ["renew", "finish"])
def test_a_database_that_is_away_for_a_moment_does_not_stop_it(job, does, monkeypatch, name):
    away(monkeypatch, name, 2)
    does(steps)
    assert run(job).state == State.DONE


def test_a_job_that_met_no_database_is_tried_again_but_not_for_ever(kind, job, does, settings):
    def read(attempt):
        raise OperationalError("gone")

    does(read)
    for _ in range(settings.MAX_ATTEMPTS - 1):
        assert run(job).state == State.WAITING
    failed = run(job)
    assert (failed.state, failed.error_code) == (State.FAILED, f"{kind.name}_failed")


def test_an_end_that_cannot_be_stored_is_left_to_the_lease(job, does, monkeypatch, caplog):
    away(monkeypatch, "finish", 99)
    does(lambda attempt: 1 / 0)
    assert run(job).state == State.RUNNING
    assert "its lease will run out" in caplog.text


# --- Sweep and retry -------------------------------------------------------------------------
def test_the_sweep_sends_for_what_waits_and_gives_back_what_dead_workers_held(kind, make, nudges, settings):
    waiting = make()
    lost = make(state=State.RUNNING, lease_until=PAST, attempts=1)
    dead = make(state=State.RUNNING, lease_until=PAST, attempts=settings.MAX_ATTEMPTS)
    busy = make(state=State.RUNNING, lease_until=timezone.now() + timedelta(minutes=1))
    assert work.sweep() == 2
    assert nudges == [(work.TASK, (kind.name, waiting.pk)), (work.TASK, (kind.name, lost.pk))]
    states = dict(kind.model.objects.values_list("pk", "state"))
    assert states == {waiting.pk: "waiting", lost.pk: "waiting", dead.pk: "failed", busy.pk: "running"}
    assert reloaded(dead).error_code == "worker_lost"


@pytest.mark.parametrize("attempts", [1, 3])
def test_what_was_cancelled_before_its_worker_died_is_neither_begun_again_nor_failed(
    make, nudges, settings, attempts
):
    settings.MAX_ATTEMPTS = 3
    job = make(state=State.RUNNING, lease_until=PAST, attempts=attempts, cancel_requested=True)
    assert work.sweep() == 0
    ended = reloaded(job)
    assert (ended.state, ended.error_code, ended.claim) == (State.CANCELLED, "", None)
    assert nudges == []


def test_a_broker_that_is_down_is_asked_once(make, monkeypatch):
    asked = []

    def refuse(*args):
        asked.append(args)
        raise ConnectionError

    monkeypatch.setattr(nudge, "send", refuse)
    monkeypatch.setattr(nudge, "_quiet_until", 0.0)
    make(), make()
    assert work.sweep() == 2
    assert len(asked) == 1


def test_a_failed_job_waits_again_as_a_new_one(make):
    failed = make(
        state=State.FAILED,
        attempts=3,
        cancel_requested=True,
        progress={"done": 1},
        error_code="x",
        error_message="It failed.",
        error_details="OSError",
    )
    assert work.retry(failed)
    again = reloaded(failed)
    assert (again.state, again.attempts, again.cancel_requested, again.progress) == ("waiting", 0, False, {})
    assert (again.error_code, again.error_message, again.error_details) == ("", "", "")
    assert not work.retry(again)
