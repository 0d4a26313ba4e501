"""Thin Celery shells. A message holds an id and may come twice, late or never."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from inspector.core import lanes, worker
from inspector.core.health.reporting import describe
from inspector.inspections import claimed_batch
from inspector.inspections import sweep as sweeping
from inspector.inspections.analyse import analyse_waiting

QUEUE = "inspect"
# Each holds a photo's memory.
MOST_STUCK = 4

describe("inspector.inspections.tasks.analyse", lambda category_id: "Judging photos")


@worker_ready.connect
def warm_up(sender: Any, **kwargs: Any) -> None:
    """The first photo should not wait until torch and the models are loaded."""
    if QUEUE in sender.app.amqp.queues.consume_from:
        worker.replaceable = True
        claimed_batch.warm_up()


@shared_task
def analyse(category_id: int) -> None:
    analyse_waiting(category_id, should_stop=worker.shutting_down)
    if lanes.stuck() >= MOST_STUCK:
        worker.replace(f"{lanes.stuck()} threads hang")


@shared_task
def sweep() -> None:
    sweeping.sweep()
