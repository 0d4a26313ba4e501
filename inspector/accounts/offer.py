"""The page that offers a form again that could not be accepted, and the sign-in that leads to it."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from inspector.accounts.kept import NAME, Kept, opened


def offer(request: HttpRequest, kept: Kept, *, status: int = 200) -> HttpResponse:
    """What was typed, with a fresh token, and a button to send it."""
    response = render(request, "accounts/send_again.html", {"kept": kept}, status=status)
    add_never_cache_headers(response)
    return response


class KeepsTyped(LoginView):
    """After a sign-in in the middle of a form, continue with that form."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        kept = opened(request) if request.user.is_authenticated else None
        return offer(request, kept) if kept else super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        kept, response = opened(self.request), super().form_valid(form)
        return offer(self.request, kept) if kept else response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"kept": self.request.POST.get(NAME, "")}
