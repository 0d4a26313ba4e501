"""Thin Celery shells. A message holds an id and may come twice, late or never."""

from celery import shared_task

from inspector.core.worker import lower_priority, shutting_down
from inspector.training import sweep as sweeping
from inspector.training import train as training


@shared_task
def train(run_id: int) -> None:
    lower_priority()
    training.train(run_id, shutting_down=shutting_down)


@shared_task
def sweep() -> None:
    sweeping.sweep()
