"""What a person does about a photo that does not seem to show the part of its category."""

from functools import partial
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction

from inspector.categories.models import Category
from inspector.core import files, jobs
from inspector.core.errors import Conflict, Refused
from inspector.core.events import Who, record
from inspector.core.nudge import nudge
from inspector.inspections.dismiss import dismiss
from inspector.inspections.events import InspectionEvent
from inspector.inspections.hold import ANALYSE, CLEARED
from inspector.inspections.models import NOT_THIS_PART, Inspection
from inspector.inspections.parts import NAMES, Part
from inspector.inspections.submit import require_active_version, submit


def judge_anyway(inspection: Inspection, *, by: Who, operation: UUID | None = None) -> Inspection:
    """It does show the part: let it wait again, to be judged whatever it looks like.

    Raises Conflict "not_refused" or "no_active_version".
    """
    require_active_version(inspection.category)
    with transaction.atomic():
        refused = Inspection.objects.filter(pk=inspection.pk, error_code=NOT_THIS_PART)
        if not jobs.retry(refused):
            raise _not_refused(inspection)
        Inspection.objects.filter(pk=inspection.pk).update(
            part_confirmed=True, looks_like=None, dismissed=None, dismissed_by=None, **CLEARED
        )
        record(by, InspectionEvent.JUDGED_ANYWAY, inspection, operation=operation)
        transaction.on_commit(partial(nudge, ANALYSE, inspection.category_id))
    inspection.refresh_from_db()
    return inspection


def send_as(inspection: Inspection, category: Category, *, by: Who) -> Inspection:
    """The same photo as one of another category. It leaves the list here; both are kept.

    Raises Conflict "not_refused", "archived", "deleted" or "no_active_version", and Refused "same_category"
    or "photo_missing".
    """
    if inspection.error_code != NOT_THIS_PART:
        raise _not_refused(inspection)
    if category.pk == inspection.category_id:
        words = f"It was sent as {category} already: choose another category."
        raise Refused("same_category", words, fields={"category": [words]})
    try:
        photo = ContentFile(files.read(str(inspection.original)), inspection.filename)
    except FileNotFoundError:
        raise Refused(
            "photo_missing", "The photo is no longer in storage. Restore it from a backup, or send it again."
        ) from None
    part = Part(**{name: getattr(inspection, name) for name in NAMES}, part_fields=inspection.part_fields)
    with transaction.atomic():
        dismiss(inspection, by=by)
        submission = submit(
            category=category, uploads=[photo], by=by, source=inspection.batch.source, part=part
        )
        if not submission.inspections:
            raise Refused("photo_refused", submission.rejected[0].message)
        (sent,) = submission.inspections
        record(by, InspectionEvent.SENT_AS, inspection, category_name=str(category), sent=sent.pk)
    return sent


def _not_refused(inspection: Inspection) -> Conflict:
    return Conflict(
        "not_refused",
        f"{inspection} does not seem to show another part, or somebody has dealt with it. Reload the page.",
    )
