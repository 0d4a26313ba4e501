"""Addresses end with a slash. A page requested without one is redirected; what is sent is not."""

from django.http import HttpRequest
from django.middleware.common import CommonMiddleware
from django.urls import is_valid_path

API = "/api/"
SAFE = ("GET", "HEAD", "OPTIONS")


class WithSlash(CommonMiddleware):
    """Django's, but nothing sent to the API is redirected: clients repeat it as a GET, without the body."""

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        return not _would_lose(request) and super().should_redirect_with_slash(request)


def hint(request: HttpRequest) -> str:
    """For those who left the slash out; "" if something else is wrong."""
    path = request.path_info
    if not _would_lose(request) or path.endswith("/") or not is_valid_path(f"{path}/"):
        return ""
    return f"Addresses of the API end with a slash: use {path}/ instead. Nothing was done."


def _would_lose(request: HttpRequest) -> bool:
    return request.path_info.startswith(API) and request.method not in SAFE
