"""Doubting a verdict: it goes to the top of the queue, and a QA manager decides."""

from typing import Any

from django.db import transaction

from inspector.core.errors import Conflict, Refused
from inspector.core.events import record
from inspector.inspections.models import Inspection
from inspector.inspections.selectors import locked_inspection
from inspector.reviews.enqueue import entry_of
from inspector.reviews.events import ReviewEvent
from inspector.reviews.may import may_dispute
from inspector.reviews.models import WORDS_LENGTH, Dispute, Entry, Why
from inspector.reviews.queue import opened_again


def dispute(inspection: Inspection, *, by: Any, reason: str) -> Dispute:
    """Inspectors dispute verdicts of photos they sent; people who work the queue, any. The verdict stays.

    Raises Refused "invalid_dispute" or "not_yours", Conflict "no_verdict".
    """
    reason = reason.strip()
    if not reason or len(reason) > WORDS_LENGTH:
        words = f"Use at most {WORDS_LENGTH} characters." if reason else "Say what is wrong with the verdict."
        raise Refused("invalid_dispute", words, fields={"reason": [words]})
    with transaction.atomic():
        current = locked_inspection(inspection.pk)
        if not current.verdict:
            raise Conflict(
                "no_verdict", f"{current.filename} has no verdict yet, so there is nothing to dispute."
            )
        if not may_dispute(by, current):
            raise Refused(
                "not_yours", f"{current.submitted_by} sent this photo, and can dispute it.", status=403
            )
        if not _to_the_top(current) and (again := _again(current, by, reason)):
            return again
        made = Dispute.objects.create(inspection=current, person=by, reason=reason)
        record(by, ReviewEvent.DISPUTED, current, verdict=current.verdict, reason=reason)
    return made


def _to_the_top(inspection: Inspection) -> bool:
    """Put it there; False if it was there already. The first reason of an entry stays: what is computed from
    random checks needs it. Whoever has the photo in hand keeps it."""
    entries = Entry.objects.filter(inspection=inspection)
    if entries.filter(closed=None, disputed=True).exists():
        return False
    if not entries.filter(closed=None).update(disputed=True) and not entries.update(
        **opened_again(disputed=True)
    ):
        entry_of(inspection, Why.DISPUTED).save()
    return True


def _again(inspection: Inspection, by: Any, reason: str) -> Dispute | None:
    """The same that this person said about it before: a form that was sent twice."""
    return Dispute.objects.filter(inspection=inspection, person=by, reason=reason).first()
