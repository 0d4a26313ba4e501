"""Celery's shell of alerts."""

from celery import shared_task

from inspector.core.health import reporting
from inspector.core.nudge import nudge_if_idle
from inspector.monitoring.alerts import messages
from inspector.monitoring.alerts.evaluate import evaluate
from inspector.monitoring.alerts.forget import forget_messages
from inspector.monitoring.alerts.send import due, send_due


@shared_task
def sweep() -> None:
    """Evaluate the rules that are due. What they raise goes through the outbox."""
    evaluate()


@shared_task
def sweep_messages() -> None:
    send_due()
    if due().exists():  # the other sweeps come first
        nudge_if_idle(messages.TASK, queue="sweep")
    forget_messages()


reporting.describe(messages.TASK, lambda: "Sending alerts")
