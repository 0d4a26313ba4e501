"""A form that is sent without a session, or with the token of another one, is kept and offered again."""

from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode
from django.views import csrf

from inspector.accounts.kept import Kept, keep, opened, sealed
from inspector.accounts.offer import offer
from inspector.accounts.sign_in import SignInForm
from inspector.core.errors import Refused
from inspector.core.middleware import refused

STALE = (
    "This page is older than your sign-in, or cookies are blocked, so nothing was changed. "
    "Reload the page and try again."
)


class SignInFirst(LoginRequiredMiddleware):
    """Send a person who is not signed in to the sign-in page, with what they typed, if they did."""

    def handle_no_permission(  # type: ignore[override]  # a page instead of the way there
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponseBase:
        kept = keep(request)
        return ask_to_sign_in(request, kept) if kept else super().handle_no_permission(request, view_func)


def ask_to_sign_in(request: HttpRequest, kept: Kept) -> HttpResponse:
    context = {"form": SignInForm(request), "kept": sealed(kept)}
    response = render(request, "accounts/sign_in.html", context, status=403)
    add_never_cache_headers(response)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The token is not of this session: answer a code for scripts, or the form again with a fresh token."""
    if request.headers.get("HX-Request") == "true":
        return refused(request, Refused("csrf", STALE, status=403))
    kept = opened(request) or keep(request)
    if request.user.is_authenticated:
        if kept:
            return offer(request, kept, status=403)
        if request.path == reverse("accounts:sign-in"):  # which was open twice
            return redirect(f"{request.path}?{urlencode({'next': request.POST.get('next', '')})}")
    return ask_to_sign_in(request, kept) if kept else csrf.csrf_failure(request, reason)
