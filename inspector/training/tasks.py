"""Thin Celery shells. A message holds an id and may come twice, late or never."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from inspector.core.health.telling import describe
from inspector.core.worker import lower_priority, shutting_down
from inspector.training import report
from inspector.training import sweep as sweeping
from inspector.training import train as training

describe("inspector.training.tasks.train", "Training, run {}")


@shared_task
def train(run_id: int) -> None:
    lower_priority()
    training.train(run_id, shutting_down=shutting_down)


@shared_task
def sweep() -> None:
    sweeping.sweep()


@worker_ready.connect
def say_what_runs_here(sender: Any, **more: Any) -> None:
    """In workers that take trainings: tell the web process which methods can be trained."""
    report.begin(sender.app.amqp.queues.consume_from)
