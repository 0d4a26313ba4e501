"""Thin Celery shells. A message holds an id and may come twice, late or never."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from inspector.core.health.telling import describe
from inspector.core.worker import shutting_down
from inspector.inspections import steps
from inspector.inspections import sweep as sweeping
from inspector.inspections.analyse import analyse_waiting

QUEUE = "inspect"

describe("inspector.inspections.tasks.analyse", "Judging photos")


@worker_ready.connect
def warm_up(sender: Any, **kwargs: Any) -> None:
    """Somebody's first photo should not wait until torch and the models are loaded."""
    if QUEUE in sender.app.amqp.queues.consume_from:
        steps.warm_up()


@shared_task
def analyse(category_id: int) -> None:
    analyse_waiting(category_id, should_stop=shutting_down)


@shared_task
def sweep() -> None:
    sweeping.sweep()
