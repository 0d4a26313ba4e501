"""What every request passes through besides Django's own."""

import zoneinfo
from collections.abc import Callable

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from inspector.core.errors import Refused, body_of, refusal_of
from inspector.core.multipart import named

GetResponse = Callable[[HttpRequest], HttpResponse]


class ContentSecurityPolicy(CSPMiddleware):
    """Everything from here and nothing inline, except where a library cannot do without."""

    # The admin panel's library needs inline scripts and Alpine's eval, the API's page inline styles.
    LOOSER: dict[str, dict[str, list[str]]] = {
        "/admin/": {"script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]},
        "/api/docs/": {"style-src": [SELF, UNSAFE_INLINE]},
    }

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        for beginning, update in self.LOOSER.items():
            if request.path.startswith(beginning):
                response._csp_update = update  # type: ignore[attr-defined]
        return super().process_response(request, response)


class NamedUploads:
    """Make sure that no file of an upload is lost because of its name; before anything reads the body."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        boundary = (request.content_params or {}).get("boundary")
        if request.content_type == "multipart/form-data" and boundary:
            # Django has no other place between the body and its parser, which the API and all forms use.
            request._stream = named(request._stream, boundary.encode("ascii", "ignore"))
        return self.get_response(request)


class UserTimeZone:
    """Show times in the person's own zone: the one of their account, otherwise the browser's (a cookie)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = getattr(request.user, "time_zone", "") or request.COOKIES.get("time_zone", "")
        try:
            zone = zoneinfo.ZoneInfo(name) if name else None
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            zone = None
        with timezone.override(zone or timezone.get_default_timezone()):
            return self.get_response(request)


class RefusedAsMessage:
    """Turn a Refused that a view let through into a page (or fragment) that says what to do."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return refused(request, exception) if isinstance(exception, Refused) else None


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's 400 page: for requests that it stops reading before a view sees them."""
    return refused(request, refusal_of(exception))


def refused(request: HttpRequest, exception: Refused) -> HttpResponse:
    """The refusal as JSON, a fragment or a page, whichever was asked for."""
    if request.path.startswith("/api/"):
        return JsonResponse(body_of(exception), status=exception.status)
    fragment = request.headers.get("HX-Request") == "true"  # request.htmx may not be there yet
    template = "core/refused_fragment.html" if fragment else "core/refused.html"
    return render(request, template, {"refused": exception}, status=exception.status)
