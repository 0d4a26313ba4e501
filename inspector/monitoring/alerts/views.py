"""The list of alerts, one of them, and the bell of every page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from inspector.accounts.requests import PersonRequest
from inspector.core import paging
from inspector.core.errors import Refused
from inspector.monitoring.alerts import handle, selectors
from inspector.monitoring.alerts.forms import NoteForm
from inspector.monitoring.alerts.kinds import kind_of
from inspector.monitoring.alerts.models import Alert

sees_alerts = permission_required("alerts.view_alert", raise_exception=True)
handles_alerts = permission_required("alerts.change_alert", raise_exception=True)
OPEN_SHOWN = 200


@require_safe
@sees_alerts
def alerts(request: PersonRequest) -> HttpResponse:
    """Open ones first, closed ones by pages below."""
    shown = list(selectors.open_alerts()[:OPEN_SHOWN])
    context = {
        "open": shown,
        "opened": len(shown) if len(shown) < OPEN_SHOWN else selectors.open_alerts().count(),
        "page": paging.page(selectors.alerts().exclude(closed=None), **paging.place(request)),
    }
    return render(request, "monitoring/alerts/alerts.html", context)


@require_POST
@sees_alerts
def read(request: PersonRequest) -> HttpResponse:
    """Sent by the list once it is on the screen: the bell is quiet again."""
    handle.mark_read(request.user)
    return bell(request)


def bell(request: PersonRequest) -> HttpResponse:
    return render(request, "monitoring/alerts/bell.html", {"new_alerts": selectors.unread(request.user)})


@require_safe
@login_required
def unread(request: PersonRequest) -> HttpResponse:
    """How many are new: a part of every page. Nothing for a person whose role was changed since the page was
    opened: the bell is gone then, and asks no more."""
    if not request.user.has_perm("alerts.view_alert"):
        return HttpResponse()
    return bell(request)


@require_safe
@sees_alerts
def alert(request: PersonRequest, pk: int) -> HttpResponse:
    return _page(request, selectors.alert(pk))


def _page(request: PersonRequest, alert: Alert, refused: Refused | None = None) -> HttpResponse:
    context = {
        "alert": alert,
        "kind": kind_of(alert.rule.kind),
        "form": NoteForm(request.POST or None, initial={"note": alert.note}),
        "messages_sent": list(alert.messages.select_related("webhook").order_by("pk")),
        "refused": refused,
    }
    status = refused.status if refused else 200
    return render(request, "monitoring/alerts/alert.html", context, status=status)


@require_POST
@handles_alerts
def acknowledge(request: PersonRequest, pk: int) -> HttpResponse:
    alert = selectors.alert(pk)
    try:
        handle.acknowledge(alert, by=request.user, note=request.POST.get("note", ""))
    except Refused as problem:
        return _page(request, alert, problem)
    messages.success(request, "You are looking into it.")
    return redirect(alert)


@require_POST
@handles_alerts
def close(request: PersonRequest, pk: int) -> HttpResponse:
    alert = selectors.alert(pk)
    try:
        handle.close(alert, by=request.user, note=request.POST.get("note", ""))
    except Refused as problem:
        return _page(request, alert, problem)
    messages.success(request, "The alert was closed.")
    return redirect("alerts:list")
