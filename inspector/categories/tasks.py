"""Thin Celery shells. A message holds an id and may come twice, late or never."""

from celery import shared_task

from inspector.categories.exploration import sweep as sweeping
from inspector.categories.exploration import work as working
from inspector.core.health.telling import describe
from inspector.core.worker import lower_priority, shutting_down

describe("inspector.categories.tasks.explore", "Looking at the samples of a category, exploration {}")


@shared_task
def explore(exploration_id: int) -> None:
    lower_priority()
    working.work(exploration_id, shutting_down=shutting_down)


@shared_task
def sweep() -> None:
    sweeping.sweep()
