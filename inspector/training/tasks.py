"""What a worker that takes trainings does when it starts."""

from typing import Any

from celery.signals import worker_ready

from inspector.training import report


@worker_ready.connect
def say_what_runs_here(sender: Any, **more: Any) -> None:
    """In workers that take trainings: report to the web process which methods can be trained."""
    report.begin(sender.app.amqp.queues.consume_from)
