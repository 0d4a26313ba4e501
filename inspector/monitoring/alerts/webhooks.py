"""Webhooks: added, changed, given another secret, retired."""

from django.db import transaction
from django.utils import timezone

from inspector.core.changes import change as update
from inspector.core.errors import Conflict, Refused
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
    """As `add`; Conflict "retired". The secret stays."""
    name, url = _checked(name), url.strip()
    refuse_private(url)
    with transaction.atomic():
        now = _in_use(hook)
        if before := update(now, {"name": name, "url": url}):
            record(by, AlertEvent.WEBHOOK_CHANGED, now, url=now.url, before=before)
    return now


def _in_use(hook: Webhook) -> Webhook:
    """Locked. Conflict "retired" for one that was retired meanwhile."""
    now = Webhook.objects.select_for_update().get(pk=hook.pk)
    if now.retired:
        raise Conflict("retired", f"{now} was retired meanwhile, so nothing was changed.")
    return now


def renew_secret(hook: Webhook, *, by: Who) -> Webhook:
    """What is sent from now on is signed by another secret, messages that wait too. Conflict "retired"."""
    with transaction.atomic():
        hook = _in_use(hook)
        update(hook, {"secret": new_secret()})
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
