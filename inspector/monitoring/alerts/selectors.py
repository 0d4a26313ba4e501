"""Every read of alerts."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from inspector.monitoring.alerts.models import Alert, Message, Read, Rule, Webhook

MOST_UNREAD = 99


def alerts() -> QuerySet[Alert]:
    """Newest first."""
    joined = ("rule", "category", "acknowledged_by", "closed_by")
    return Alert.objects.select_related(*joined).order_by("-pk")


def open_alerts() -> QuerySet[Alert]:
    return alerts().filter(closed=None)


def alert(pk: int) -> Alert:
    row = alerts().filter(pk=pk).first()
    if row is None:
        raise Http404(f"There is no alert {pk}.")
    return row


def unread(person: Any) -> int:
    """Open ones that came since the person saw the list; no more than MOST_UNREAD are counted."""
    until = Read.objects.filter(person=person).values_list("until", flat=True).first() or 0
    return len(Alert.objects.filter(closed=None, pk__gt=until).values_list("pk")[: MOST_UNREAD + 1])


def rules() -> QuerySet[Rule]:
    """Those in use first, with how many alerts of each are open."""
    opened = Count("alerts", filter=Q(alerts__closed=None))
    rows = Rule.objects.filter(retired=None).select_related("category").annotate(open_alerts=opened)
    return rows.order_by("-enabled", "name", "pk")


def rule(pk: int) -> Rule:
    row = Rule.objects.filter(pk=pk, retired=None).select_related("category").first()
    if row is None:
        raise Http404(f"There is no alert rule {pk}.")
    return row


def webhooks() -> QuerySet[Webhook]:
    return Webhook.objects.filter(retired=None)


def webhook(pk: int) -> Webhook:
    row = webhooks().filter(pk=pk).first()
    if row is None:
        raise Http404(f"There is no webhook {pk}.")
    return row


def messages() -> QuerySet[Message]:
    joined = ("alert__rule", "alert__category", "webhook")
    return Message.objects.select_related(*joined).order_by("-pk")


def message(pk: int) -> Message:
    row = messages().prefetch_related("answers").filter(pk=pk).first()
    if row is None:
        raise Http404(f"There is no message {pk}.")
    return row
