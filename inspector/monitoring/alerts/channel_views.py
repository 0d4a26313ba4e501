"""Pages of webhooks, for admins, and the log of what was sent."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inspector.accounts.requests import PersonRequest
from inspector.core import paging
from inspector.core.errors import Refused
from inspector.monitoring.alerts import messages as verbs
from inspector.monitoring.alerts import selectors, webhooks
from inspector.monitoring.alerts.forms import WebhookForm
from inspector.monitoring.alerts.models import Webhook

changes_webhooks = permission_required("alerts.change_webhook", raise_exception=True)


@require_safe
@permission_required("alerts.view_message", raise_exception=True)
def log(request: PersonRequest) -> HttpResponse:
    page = paging.page(selectors.messages(), **paging.place(request))
    return render(request, "monitoring/alerts/messages.html", {"page": page, "days": settings.MESSAGE_DAYS})


@require_safe
@permission_required("alerts.view_message", raise_exception=True)
def message(request: PersonRequest, pk: int) -> HttpResponse:
    return render(request, "monitoring/alerts/message.html", {"message": selectors.message(pk)})


@require_POST
@permission_required("alerts.change_rule", raise_exception=True)
def send_again(request: PersonRequest, pk: int) -> HttpResponse:
    message = selectors.message(pk)
    try:
        verbs.send_again(message, by=request.user)
    except Refused as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, "It will be sent again within seconds.")
    return redirect("alerts:message", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@changes_webhooks
def hooks(request: PersonRequest) -> HttpResponse:
    """All of them, and a form for another one."""
    form = WebhookForm(request.POST or None)
    if form.is_valid() and (hook := _saved(form, None, request.user)):
        messages.success(request, f"{hook} was added. Give its secret to the receiver of the messages.")
        return redirect("alerts:webhook", hook.pk)
    context = {"form": form, "webhooks": list(selectors.webhooks())}
    return render(request, "monitoring/alerts/webhooks.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@changes_webhooks
def hook(request: PersonRequest, pk: int) -> HttpResponse:
    webhook = selectors.webhook(pk)
    form = WebhookForm(request.POST or None, initial={"name": webhook.name, "url": webhook.url})
    if form.is_valid() and _saved(form, webhook, request.user):
        messages.success(request, f"{webhook} was changed.")
        return redirect("alerts:webhook", pk)
    context = {"form": form, "webhook": webhook}
    return render(request, "monitoring/alerts/webhook.html", context, status=400 if form.errors else 200)


def _saved(form: WebhookForm, hook: Webhook | None, by: Any) -> Webhook | None:
    sent = form.cleaned_data
    try:
        if hook is None:
            return webhooks.add(sent["name"], sent["url"], by=by)
        return webhooks.change(hook, sent["name"], sent["url"], by=by)
    except Refused as problem:
        for field, texts in (problem.fields or {"url": [problem.message]}).items():
            form.add_error(field, texts)
        return None


@require_POST
@changes_webhooks
def test(request: PersonRequest, pk: int) -> HttpResponse:
    verbs.send_test(selectors.webhook(pk), timezone.now())
    messages.success(request, "A test will be sent within seconds: the log shows the answer.")
    return redirect("alerts:messages")


@require_POST
@changes_webhooks
def renew(request: PersonRequest, pk: int) -> HttpResponse:
    webhooks.renew_secret(selectors.webhook(pk), by=request.user)
    messages.success(request, "There is a new secret. Give it to the receiver of the messages.")
    return redirect("alerts:webhook", pk)


@require_POST
@changes_webhooks
def retire(request: PersonRequest, pk: int) -> HttpResponse:
    webhook = selectors.webhook(pk)
    webhooks.retire(webhook, by=request.user)
    messages.success(request, f"{webhook} was retired. Nothing is sent to it any more.")
    return redirect("alerts:webhooks")
