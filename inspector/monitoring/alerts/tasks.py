"""Celery's shell of alerts."""

from celery import shared_task

from inspector.core.health import reporting
from inspector.monitoring.alerts import messages
from inspector.monitoring.alerts.evaluate import evaluate
from inspector.monitoring.alerts.forget import forget_messages
from inspector.monitoring.alerts.send import send_due


@shared_task
def sweep() -> None:
    """Look at the rules that are due. What they raise goes by the outbox."""
    evaluate()


@shared_task
def sweep_messages() -> None:
    send_due()
    forget_messages()


reporting.describe(messages.TASK, lambda: "Sending alerts")
