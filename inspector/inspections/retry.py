"""Retrying a failed inspection."""

from functools import partial
from uuid import UUID

from django.db import transaction

from inspector.core import jobs
from inspector.core.errors import Conflict
from inspector.core.events import Who, record
from inspector.core.nudge import nudge
from inspector.inspections.events import InspectionEvent
from inspector.inspections.hold import ANALYSE, CLEARED
from inspector.inspections.models import Inspection
from inspector.inspections.submit import require_active_version


def retry(inspection: Inspection, *, by: Who, operation: UUID | None = None) -> Inspection:
    """Let a FAILED inspection wait again, with a fresh count of attempts.

    Raises Conflict "not_failed" or "no_active_version".
    """
    require_active_version(inspection.category)
    with transaction.atomic():
        row = Inspection.objects.filter(pk=inspection.pk)
        if not jobs.retry(row):
            raise Conflict(
                "not_failed",
                f"{inspection} has not failed, or has been retried already. Reload the page.",
            )
        row.update(dismissed=None, dismissed_by=None, **CLEARED)
        record(by, InspectionEvent.RETRIED, inspection, operation=operation, was=inspection.error_code)
        transaction.on_commit(partial(nudge, ANALYSE, inspection.category_id))
    inspection.refresh_from_db()
    return inspection
