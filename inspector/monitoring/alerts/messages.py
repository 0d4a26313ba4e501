"""Messages about alerts: written as rows when the outbox hands them on; sent again on request."""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from inspector.core.errors import Conflict, Refused
from inspector.core.events import Who, record
from inspector.core.jobs import OPEN, State
from inspector.core.models import Event
from inspector.core.nudge import nudge_if_idle
from inspector.monitoring.alerts.events import AlertEvent
from inspector.monitoring.alerts.models import WORDS_LENGTH, Alert, Channel, Message, Webhook

TASK = "inspector.monitoring.alerts.tasks.sweep_messages"
TITLES = {AlertEvent.RAISED.value: "Alert", AlertEvent.OVER.value: "Over"}
TEST = "alert.test"


def of_event(event: Event) -> None:
    """A consumer of `core.outbox`: once for each alert that was raised or is over."""
    rows = Alert.objects.select_related("rule", "category")
    alert = rows.filter(pk=event.subject_id or 0).first()
    if alert is not None:
        words = str(event.detail.get("words", ""))
        _write(_for_rule(alert, event.kind, words, event.time))


def _for_rule(alert: Alert, kind: str, words: str, moment: datetime) -> list[Message]:
    rule = alert.rule
    subject = f"{TITLES[kind]}: {alert}"[:WORDS_LENGTH]
    made = [
        Message(alert=alert, channel=Channel.EMAIL, to=to, subject=subject, body=_letter(alert, words))
        for to in rule.addresses
    ]
    body = _body(kind, moment, _data(alert, words))
    for hook in rule.webhooks.filter(retired=None):
        made.append(_to_webhook(hook, subject, body, alert))
    return made


def _to_webhook(hook: Webhook, subject: str, body: str, alert: Alert | None) -> Message:
    return Message(
        alert=alert, channel=Channel.WEBHOOK, webhook=hook, to=hook.url, subject=subject, body=body
    )


def _data(alert: Alert, words: str) -> dict[str, Any]:
    return {
        "alert": alert.pk,
        "rule": alert.rule.name,
        "kind": alert.rule.kind,
        "category": alert.category.slug if alert.category else None,
        "message": words,
        "value": alert.value,
        "limit": alert.limit,
        "raised": alert.created.isoformat(),
        "over": alert.over.isoformat() if alert.over else None,
        "url": _address(alert),
    }


def _body(kind: str, moment: datetime, data: dict[str, Any]) -> str:
    return json.dumps({"type": kind, "timestamp": moment.isoformat(), "data": data}, ensure_ascii=False)


def _letter(alert: Alert, words: str) -> str:
    lines = [words, "", f"Rule: {alert.rule}"]
    lines += [f"Category: {alert.category}"] if alert.category else []
    raised = timezone.localtime(alert.created, timezone.get_default_timezone())
    lines += [f"Raised: {raised:%Y-%m-%d %H:%M %Z}"]
    lines += ["", _address(alert)] if settings.SITE_URL else []
    return "\n".join(lines) + "\n"


def _address(alert: Alert) -> str:
    return f"{settings.SITE_URL}{alert.get_absolute_url()}"


def _write(messages: list[Message]) -> None:
    Message.objects.bulk_create(messages)
    if messages:
        transaction.on_commit(_nudge)


def _nudge() -> None:
    """Not for each of a thousand: the other sweeps wait in the same queue."""
    nudge_if_idle(TASK, queue="sweep")


def send_test(hook: Webhook, moment: datetime) -> None:
    """A message without an alert, to see whether it arrives."""
    body = _body(TEST, moment, {"message": "This is a test."})
    with transaction.atomic():
        _write([_to_webhook(hook, "Test", body, None)])


def send_again(message: Message, *, by: Who) -> None:
    """The same message, with the same id. Conflict "open" while it is still being tried."""
    if message.webhook and message.webhook.retired:
        raise Refused("retired", f"{message.webhook} was retired. Nothing is sent to it any more.")
    with transaction.atomic():
        rows = Message.objects.filter(pk=message.pk).exclude(state__in=OPEN)
        fresh = {"attempts": 0, "wait_until": None, "error_code": "", "error_message": "", "finished": None}
        if not rows.update(state=State.WAITING, **fresh):
            raise Conflict("open", "It is still being sent: see the log of its tries.")
        record(by, AlertEvent.SENT_AGAIN, message.alert or message.subject, words=str(message))
        transaction.on_commit(_nudge)
