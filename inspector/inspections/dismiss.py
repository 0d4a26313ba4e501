"""Taking a failed inspection off the lists that ask for attention. Its record stays."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from inspector.core.errors import Conflict
from inspector.core.events import Who, record
from inspector.core.jobs import State
from inspector.inspections.events import InspectionEvent
from inspector.inspections.models import Inspection


def dismiss(inspection: Inspection, *, by: Who, operation: UUID | None = None) -> Inspection:
    """A person has done with a FAILED inspection: batches and the first page no longer count it.

    The row, its photo and why it failed are kept, and the history finds them. A retry brings it back.
    Raises Conflict "not_failed".
    """
    failed = Inspection.objects.filter(pk=inspection.pk, state=State.FAILED, dismissed=None)
    with transaction.atomic():
        if not failed.update(dismissed=timezone.now(), dismissed_by=by):
            raise Conflict(
                "not_failed",
                f"{inspection} has not failed, or was removed from the list already. Reload the page.",
            )
        record(by, InspectionEvent.DISMISSED, inspection, operation=operation, was=inspection.error_code)
    inspection.refresh_from_db()
    return inspection
