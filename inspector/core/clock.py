"""Time as the database has it.

Machines' clocks differ, and a lease is a promise between them: what one writes another compares. So
whatever decides about leases is computed by the database, of which there is only one.
"""

from datetime import timedelta

from django.db.models import DateTimeField, ExpressionWrapper
from django.db.models.functions import Now


def now() -> Now:
    """For queries: the moment at which the database runs them."""
    return Now()


def seconds_from_now(seconds: float) -> ExpressionWrapper:
    """For queries: this much later (earlier if negative)."""
    return ExpressionWrapper(Now() + timedelta(seconds=seconds), output_field=DateTimeField())
