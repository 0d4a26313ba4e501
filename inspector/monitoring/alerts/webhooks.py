"""Webhooks: added, changed, given another secret, retired."""

from django.db import transaction
from django.utils import timezone

from inspector.core.errors import Refused
from inspector.core.events import Who, record
from inspector.monitoring.alerts.events import AlertEvent
from inspector.monitoring.alerts.models import NAME_LENGTH, Webhook
from inspector.monitoring.alerts.outgoing import refuse_private
from inspector.monitoring.alerts.signing import new_secret


def add(name: str, url: str, *, by: Who) -> Webhook:
    """Its secret is new. Refused "invalid_url", "unknown_host", "forbidden_address", "invalid_name"."""
    hook = Webhook(name=_checked(name), url=url.strip(), secret=new_secret())
    refuse_private(hook.url)
    with transaction.atomic():
        hook.save()
        record(by, AlertEvent.WEBHOOK_ADDED, hook, url=hook.url)
    return hook


def change(hook: Webhook, name: str, url: str, *, by: Who) -> Webhook:
    """As `add`. The secret stays."""
    name, url = _checked(name), url.strip()
    refuse_private(url)
    with transaction.atomic():
        hook.name, hook.url = name, url
        hook.save(update_fields=["name", "url"])
        record(by, AlertEvent.WEBHOOK_CHANGED, hook, url=hook.url)
    return hook


def renew_secret(hook: Webhook, *, by: Who) -> Webhook:
    """What is sent from now on is signed by another secret, messages that wait too."""
    hook.secret = new_secret()
    with transaction.atomic():
        hook.save(update_fields=["secret"])
        record(by, AlertEvent.WEBHOOK_CHANGED, hook, url=hook.url, secret="renewed")  # noqa: S106 - a word
    return hook


def retire(hook: Webhook, *, by: Who) -> None:
    """Nothing is sent to it any more; the log keeps it."""
    with transaction.atomic():
        if Webhook.objects.filter(pk=hook.pk, retired=None).update(retired=timezone.now()):
            hook.rules.clear()
            record(by, AlertEvent.WEBHOOK_RETIRED, hook, url=hook.url)


def _checked(name: str) -> str:
    name = name.strip()
    if not name or len(name) > NAME_LENGTH:
        words = f"Use at most {NAME_LENGTH} characters." if name else "Enter a name."
        raise Refused("invalid_name", words, fields={"name": [words]})
    return name
