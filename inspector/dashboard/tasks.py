"""Thin Celery shell of the first start."""

from celery import shared_task

from inspector.dashboard import first_start


@shared_task
def make_demo() -> None:
    first_start.make_demo()
