"""Who may read /metrics: those with the token of INSPECTOR_METRICS_TOKEN, and admins in a browser.

Not every client on this machine: behind a proxy on it that is everybody.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from inspector.core.health.probes import PERMISSION
from inspector.core.metrics import registry

ADDRESS = "/metrics"
NO_TOKEN = (
    "Send the token of INSPECTOR_METRICS_TOKEN as “Authorization: Bearer …”, or sign in as an admin. "  # noqa: S105
    "Without that setting only admins see this."
)


def has_token(request: HttpRequest) -> bool:
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    return bool(wanted) and kind.lower() == "bearer" and constant_time_compare(given.strip(), wanted)


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    user: Any = getattr(request, "user", None)
    if has_token(request) or (user is not None and user.has_perm(PERMISSION)):
        headers = {"Cache-Control": "no-store"}
        return HttpResponse(registry.text(), content_type=CONTENT_TYPE_LATEST, headers=headers)
    body = {"error": {"code": "not_authenticated", "message": NO_TOKEN}}
    return JsonResponse(body, status=401, headers={"WWW-Authenticate": "Bearer"})
