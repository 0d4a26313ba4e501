"""/healthz and /readyz: for load balancers, container health checks and others that watch from outside.

Answered before anything else looks at the request: no session is read, no host name checked (a probe
often knows only a number), nothing is sent on to https.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from inspector.core.health import runner
from inspector.core.health.checks import DATABASE
from inspector.core.health.runner import Report, Result

ALIVE, READY = "/healthz", "/readyz"
PERMISSION = "core.view_process"


class Probes:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == ALIVE:
            return alive(request)
        if request.path_info == READY and not _who_asks_can_be_known(request):
            return ready(request)
        return self.get_response(request)


def _who_asks_can_be_known(request: HttpRequest) -> bool:
    """Whether somebody is signed in, and there is a database to say who."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and not runner.report().ill(DATABASE)


@login_not_required
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers at all. Restart it where it does not."""
    return _answer({"status": "up"}, 200)


@login_not_required
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Whether this process can accept photos: 503 where it cannot, so that they are sent to another.

    What keeps photos from being judged, such as a broker or worker that is gone, is `degraded` and 200:
    photos are kept and wait, and another web process could do no better. Details only for who may see them.
    """
    report = runner.report()
    user: Any = getattr(request, "user", None)
    shown = _in_full if user is not None and user.has_perm(PERMISSION) else _in_short
    return _answer(body(report, shown), 200 if report.ready else 503)


def body(report: Report, shown: Callable[[Result], dict[str, Any]]) -> dict[str, Any]:
    return {"status": report.state, "checks": [shown(result) for result in report.results]}


def _in_short(result: Result) -> dict[str, Any]:
    return {"name": result.check.name, "state": result.state}


def _in_full(result: Result) -> dict[str, Any]:
    return _in_short(result) | {
        "title": result.check.title,
        "sentence": result.finding.sentence,
        "remedy": result.finding.remedy,
        "since": result.since.isoformat(),
    }


def _answer(data: dict[str, Any], status: int) -> JsonResponse:
    return JsonResponse(data, status=status, headers={"Cache-Control": "no-store"})
