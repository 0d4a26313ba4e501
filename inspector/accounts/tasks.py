"""Thin Celery shells."""

from celery import shared_task
from django.core.management import call_command

from inspector.accounts import limits, tokens
from inspector.core import folder_broker


@shared_task
def sweep() -> None:
    """Once an hour: remove what is of no use any more."""
    limits.forget_old()
    tokens.forget_expired()
    call_command("clearsessions")
    folder_broker.tidy()
