"""What a person does with an alert: looks into it, and closes it with a note."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from inspector.core.errors import Conflict, Refused
from inspector.core.events import record
from inspector.monitoring.alerts.events import AlertEvent
from inspector.monitoring.alerts.models import WORDS_LENGTH, Alert, Read


def acknowledge(alert: Alert, *, by: Any, note: str = "") -> Alert:
    """A person looks into it. Conflict "acknowledged" or "closed"."""
    note = _checked(note, needed=False)
    with transaction.atomic():
        current = _locked(alert)
        if current.acknowledged:
            raise Conflict("acknowledged", f"{current.acknowledged_by} is already looking into it.")
        current.acknowledged, current.acknowledged_by = timezone.now(), by
        current.note = note or current.note
        current.save(update_fields=["acknowledged", "acknowledged_by", "note"])
        record(by, AlertEvent.ACKNOWLEDGED, current, note=note)
    return current


def close(alert: Alert, *, by: Any, note: str) -> Alert:
    """With what was found and done. No other is raised before its cause is over. Conflict "closed"."""
    note = _checked(note, needed=True)
    with transaction.atomic():
        current = _locked(alert)
        current.closed, current.closed_by, current.note = timezone.now(), by, note
        current.save(update_fields=["closed", "closed_by", "note"])
        record(by, AlertEvent.CLOSED, current, note=note)
    return current


def _locked(alert: Alert) -> Alert:
    locked = (
        Alert.objects.select_for_update(of=("self",))
        .select_related("rule", "category", "acknowledged_by", "closed_by")
        .get(pk=alert.pk)
    )
    if locked.closed:
        raise Conflict("closed", f"{locked.closed_by} has already closed this alert.")
    return locked


def _checked(note: str, *, needed: bool) -> str:
    note = note.strip()
    if (needed and not note) or len(note) > WORDS_LENGTH:
        words = f"Use at most {WORDS_LENGTH} characters." if note else "Say what was found and done."
        raise Refused("invalid_note", words, fields={"note": [words]})
    return note


def mark_read(person: Any) -> None:
    """Up to the newest alert there is: alerts that only inform need no closing."""
    newest = Alert.objects.order_by("-pk").values_list("pk", flat=True).first()
    if newest and not Read.objects.filter(person=person, until__gte=newest).exists():
        Read.objects.update_or_create(person=person, defaults={"until": newest})
