"""Thin Celery shells. A message holds an id and may come twice, late or never."""

import functools
import os

from celery import shared_task

from inspector.core.worker import shutting_down
from inspector.training import sweep as sweeping
from inspector.training import train as training

NICENESS = 10


@functools.cache
def lower_priority() -> None:
    """Inspections on the same machine go first. Once, before torch starts its threads: they inherit it."""
    os.nice(NICENESS)


@shared_task
def train(run_id: int) -> None:
    lower_priority()
    training.train(run_id, shutting_down=shutting_down)


@shared_task
def sweep() -> None:
    sweeping.sweep()
