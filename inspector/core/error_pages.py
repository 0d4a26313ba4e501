"""What is told when no view can answer: 404, 403, 500 and 503; as JSON below /api/."""

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views import defaults

API = "/api/"
AWAY = "The database or the storage cannot be reached. Try again in a minute; tell an admin if it lasts."
FAILED = "Something went wrong on our side. Try again. If it happens again, the web server's log says why."
# A database, a disk or a temporary folder that is away or full: no fault of the program.
Away = (OperationalError, InterfaceError, OSError)


def error(code: str, message: str, status: int) -> JsonResponse:
    """In the shape of every refusal of the API."""
    return JsonResponse({"error": {"code": code, "message": message}}, status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API):
        return error("not_found", "There is nothing at this address; /api/docs/ lists what there is.", 404)
    return defaults.page_not_found(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API):
        return error("permission_denied", "Your role does not allow this. Ask an admin.", 403)
    return defaults.permission_denied(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """500, or 503 with the time to try again; neither page needs a database."""
    away = isinstance(sys.exc_info()[1], Away)
    if request.path.startswith(API):
        response: HttpResponse = error("unavailable", AWAY, 503) if away else error("failed", FAILED, 500)
    elif away:
        response = HttpResponse(render_to_string("503.html"), status=503)
    else:
        response = defaults.server_error(request)
    if away:
        response["Retry-After"] = "10"
    return response


class WithoutTrace(logging.Filter):
    """Of what is away the log has one line a request: where it was missed does not matter."""

    def filter(self, record: logging.LogRecord) -> bool:
        problem = record.exc_info[1] if record.exc_info else None
        if isinstance(problem, Away):
            record.msg, record.args, record.exc_info = f"{record.getMessage()}: {problem!r}", (), None
        return True
