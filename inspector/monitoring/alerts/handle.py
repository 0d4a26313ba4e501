"""What a person does with an alert: sees to it, and closes it with a note."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from inspector.core.errors import Conflict, Refused
from inspector.core.events import record
from inspector.monitoring.alerts.events import AlertEvent
from inspector.monitoring.alerts.models import WORDS_LENGTH, Alert, Read


def acknowledge(alert: Alert, *, by: Any, note: str = "") -> Alert:
    """Somebody looks into it. Conflict "acknowledged" or "closed"."""
    note = _checked(note, needed=False)
    with transaction.atomic():
        found = _locked(alert)
        if found.acknowledged:
            raise Conflict("acknowledged", f"{found.acknowledged_by} looks into it already.")
        found.acknowledged, found.acknowledged_by = timezone.now(), by
        found.note = note or found.note
        found.save(update_fields=["acknowledged", "acknowledged_by", "note"])
        record(by, AlertEvent.ACKNOWLEDGED, found, note=note)
    return found


def close(alert: Alert, *, by: Any, note: str) -> Alert:
    """With what was found and done. It raises no other one before its cause is over. Conflict "closed"."""
    note = _checked(note, needed=True)
    with transaction.atomic():
        found = _locked(alert)
        found.closed, found.closed_by, found.note = timezone.now(), by, note
        found.save(update_fields=["closed", "closed_by", "note"])
        record(by, AlertEvent.CLOSED, found, note=note)
    return found


def _locked(alert: Alert) -> Alert:
    found = (
        Alert.objects.select_for_update(of=("self",))
        .select_related("rule", "category", "acknowledged_by", "closed_by")
        .get(pk=alert.pk)
    )
    if found.closed:
        raise Conflict("closed", f"{found.closed_by} closed this alert already.")
    return found


def _checked(note: str, *, needed: bool) -> str:
    note = note.strip()
    if (needed and not note) or len(note) > WORDS_LENGTH:
        words = f"Use at most {WORDS_LENGTH} characters." if note else "Say what was found and done."
        raise Refused("invalid_note", words, fields={"note": [words]})
    return note


def mark_read(person: Any) -> None:
    """Up to the newest alert there is: nobody has to close what they only want to know."""
    newest = Alert.objects.order_by("-pk").values_list("pk", flat=True).first()
    if newest and not Read.objects.filter(person=person, until__gte=newest).exists():
        Read.objects.update_or_create(person=person, defaults={"until": newest})
