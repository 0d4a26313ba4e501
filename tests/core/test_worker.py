"""Long jobs run when nothing else wants the processor; those that somebody waits for, a little."""

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from inspector.core import tasks, work, worker
from inspector.core.jobs import State
from inspector.training.models import TrainingRun
from tests.factories import ExplanationFactory, ExplorationFactory, TrainingRunFactory


@pytest.fixture
def priority(monkeypatch, tmp_path) -> Iterator[dict[str, Any]]:
    """What was asked of the system."""
    asked: dict[str, Any] = {"nice": [], "scheduler": [], "session": tmp_path / "autogroup"}
    asked["session"].write_text("0")
    monkeypatch.setattr("os.nice", asked["nice"].append)
    monkeypatch.setattr("os.sched_setscheduler", lambda pid, policy, _: asked["scheduler"].append(policy))
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    monkeypatch.setattr(worker, "AUTOGROUP", asked["session"])
    monkeypatch.setattr(worker, "_has_terminal", lambda: False)
    monkeypatch.setattr("os.getsid", lambda pid: os.getppid())
    monkeypatch.setenv("OMP_NUM_THREADS", "")
    monkeypatch.delenv("OMP_NUM_THREADS")
    worker.lower_priority.cache_clear()
    yield asked
    worker.lower_priority.cache_clear()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("factory", "scheduler", "session"),
    [
        (TrainingRunFactory, [os.SCHED_IDLE], "19"),
        (ExplorationFactory, [os.SCHED_IDLE], "19"),
        # Somebody looks at the page: on a busy machine an idle one would never come.
        (ExplanationFactory, [], "10"),
    ],
)
def test_the_task_does_a_job_of_any_kind_with_low_priority(
    monkeypatch, priority, factory, scheduler, session
):
    jobs = [factory.create(), factory.create()]
    kind = work.kind_of(type(jobs[0]))
    monkeypatch.setitem(work._kinds, kind.name, replace(kind, do=lambda attempt: None))
    for job in jobs:
        tasks.work(kind.name, job.pk)
    assert (priority["nice"], priority["scheduler"]) == ([10], scheduler)
    assert priority["session"].read_text() == session, "nice values count within a session only"
    assert os.environ["OMP_NUM_THREADS"] == "3", "one core is left to the inspections"
    assert set(kind.model.objects.values_list("state", flat=True)) == {State.DONE}


@pytest.mark.django_db
def test_the_sweep_is_a_shell(nudges):
    run = TrainingRunFactory.create()
    tasks.sweep_work()
    assert nudges == [(work.TASK, ("training", run.pk))]
    assert TrainingRun.objects.get().state == State.WAITING


def test_a_session_with_others_in_it_and_a_setting_keep_their_priority(monkeypatch, priority, settings):
    monkeypatch.setattr("os.getsid", lambda pid: -1)  # of no process here
    worker.lower_priority()
    assert priority["session"].read_text() == "0"
    worker.lower_priority.cache_clear()
    priority["scheduler"].clear()
    settings.TRAIN_PRIORITY = "low"
    worker.lower_priority()
    assert (priority["nice"], priority["scheduler"]) == ([10, 10], [])
    assert priority["session"].read_text() == "0"
    monkeypatch.setattr("os.getsid", lambda pid: os.getpid())
    worker.lower_priority.cache_clear()
    worker.lower_priority()
    assert priority["session"].read_text() == "10"


@pytest.mark.parametrize(("threads", "given", "used"), [(2, "8", "2"), (0, "8", "8"), (2, None, "2")])
def test_threads_of_long_jobs_may_be_set(monkeypatch, priority, settings, threads, given, used):
    settings.TRAIN_THREADS = threads
    if given:
        monkeypatch.setenv("OMP_NUM_THREADS", given)
    worker.lower_priority()
    assert os.environ["OMP_NUM_THREADS"] == used
