"""Thin Celery shell of the first start."""

from celery import shared_task

from inspector.core.health.telling import describe
from inspector.dashboard import first_start

describe("inspector.dashboard.tasks.make_demo", lambda: "Making the demo parts")


@shared_task
def make_demo() -> None:
    first_start.make_demo()
