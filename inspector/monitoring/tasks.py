"""Thin Celery shells. A message may come twice, late or never."""

from celery import shared_task

from inspector.monitoring.fold import fold


@shared_task
def sweep() -> None:
    fold()
