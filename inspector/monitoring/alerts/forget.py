"""Messages that are over are kept for a while, then deleted with their answers. Alerts stay for good."""

import logging

from django.conf import settings

from inspector.core import clock
from inspector.core.jobs import OPEN
from inspector.monitoring.alerts.models import Answer, Message

log = logging.getLogger(__name__)
AT_ONCE = 1000


def forget_messages() -> int:
    """Delete those that ended longer ago than INSPECTOR_MESSAGE_DAYS, some at once. How many that were."""
    long_ago = clock.seconds_from_now(-settings.MESSAGE_DAYS * 86_400)
    # Oldest first: what still waits is tried for a day at most, so hardly anything stands before these.
    over = Message.objects.exclude(state__in=OPEN).order_by("pk")
    oldest = list(over.values_list("pk", flat=True)[:AT_ONCE])
    old = Message.objects.filter(pk__in=oldest, finished__lt=long_ago)
    Answer.objects.filter(message__in=old).delete()
    _, counted = old.delete()
    if n := counted.get(Message._meta.label, 0):
        log.info("%d messages of alerts older than %d days were deleted", n, settings.MESSAGE_DAYS)
    return n
