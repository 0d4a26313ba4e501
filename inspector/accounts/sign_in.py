"""Signing in and out."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import resolve_url
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from inspector.accounts import limits
from inspector.accounts.offer import KeepsTyped
from inspector.accounts.selectors import person_of


class SignInForm(AuthenticationForm):
    # The same for an inactive account: the answer must not reveal which names exist.
    WRONG = "Wrong username or password, or the account is not active. Passwords are case-sensitive."
    error_messages = AuthenticationForm.error_messages | {"invalid_login": WRONG, "inactive": WRONG}

    @property
    def paused(self) -> bool:
        """Refused because of a pause, not because of the password."""
        return self.has_error(NON_FIELD_ERRORS, code="paused")

    def get_invalid_login_error(self) -> ValidationError:
        left = limits.wait_of(self.request) if self.request else None
        if left:
            return ValidationError(limits.words(left), code="paused")
        return super().get_invalid_login_error()


@method_decorator(login_not_required, name="dispatch")
class SignIn(KeepsTyped):
    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        limits.signed_in(self.request, person_of(self.request))
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_invalid(form)
        left = limits.wait_of(self.request)
        if left:
            response.status_code = 429
            response["Retry-After"] = limits.seconds(left)
        return response

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A fragment asked for after the session ended sends the whole page here."""
        if getattr(request, "htmx", False):
            back = _without_host(request.htmx.current_url or "/")  # type: ignore[attr-defined]
            return HttpResponseClientRedirect(
                f"{resolve_url('accounts:sign-in')}?{urlencode({'next': back})}"
            )
        return super().dispatch(request, *args, **kwargs)


def _without_host(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:  # such as http://[
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")


@login_not_required
@never_cache
@require_safe
def session(request: HttpRequest) -> JsonResponse:
    """Who is signed in, and a token for what they send: a page that was left open can continue with it."""
    user = request.user
    person = {"person": str(user.pk), "name": str(user)} if user.is_authenticated else None
    return JsonResponse({"token": get_token(request)} | (person or {"person": "", "name": ""}))


@login_not_required
def panel_sign_in(request: HttpRequest) -> HttpResponse:
    """In place of the admin panel's own form: one way in, and a person who may not enter sees why."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next") or resolve_url("admin:index"))
