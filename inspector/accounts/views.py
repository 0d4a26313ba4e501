"""The page on which people look after their own account."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from inspector.accounts.events import AccountEvent
from inspector.accounts.forms import PasswordForm, TimeZoneForm, TokenForm
from inspector.accounts.selectors import person_of, tokens_of
from inspector.accounts.tokens import create_token, revoke_token
from inspector.core.events import record


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
def time_zone(request: HttpRequest) -> HttpResponse:
    form = TimeZoneForm(request.POST, instance=person_of(request))
    if not form.is_valid():
        return _page(request, time_zone_form=form)
    form.save()
    messages.success(request, "Times are now shown in this time zone.")
    return redirect("accounts:account")


@sensitive_post_parameters()
@require_POST
def password(request: HttpRequest) -> HttpResponse:
    """Other sessions of the person end with the old password; this one continues."""
    form = PasswordForm(request, request.POST)
    if not form.is_valid():
        return _page(request, password_form=form)
    with transaction.atomic():
        user = form.save()
        record(user, AccountEvent.PASSWORD_CHANGED, user)
    update_session_auth_hash(request, user)
    messages.success(
        request, "Password changed. Other browsers must sign in again, and programs need new tokens."
    )
    return redirect("accounts:account")


@sensitive_post_parameters()
@require_POST
def new_token(request: HttpRequest) -> HttpResponse:
    """Not a redirect: the token is in this one answer and nowhere else."""
    form = TokenForm(request, request.POST)
    if not form.is_valid():
        return _page(request, token_form=form)
    _, token = create_token(person_of(request), form.cleaned_data["name"], form.cleaned_data["days"])
    return _page(request, token=token)


@require_POST
def revoke(request: HttpRequest, token_key: str) -> HttpResponse:
    revoke_token(person_of(request), token_key)
    messages.success(request, f"The token {token_key}… has been revoked.")
    return redirect("accounts:account")


def _page(request: HttpRequest, **context: Any) -> HttpResponse:
    invalid = any(form in context for form in ("password_form", "time_zone_form", "token_form"))
    user = person_of(request)
    context.setdefault("time_zone_form", TimeZoneForm(instance=user))
    context.setdefault("password_form", PasswordForm(request))
    context.setdefault("token_form", TokenForm(request))
    context["tokens"] = list(tokens_of(user))
    return render(request, "accounts/account.html", context, status=400 if invalid else 200)
