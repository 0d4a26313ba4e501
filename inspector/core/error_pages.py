"""What is answered when no view can: 404, 403, 500 and 503; as JSON below /api/."""

import logging
import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views import defaults

from inspector.core.faults import fault_of
from inspector.core.logs import request_id
from inspector.core.slashes import hint

API = "/api/"
FAILED = "Something went wrong on our side. Try again. If it happens again, the web server's log says why."


def error(code: str, message: str, status: int) -> JsonResponse:
    """In the shape of every refusal of the API."""
    return JsonResponse({"error": {"code": code, "message": message}}, status=status)


def _fault(code: str, message: str, status: int) -> JsonResponse:
    """With the id under which it is in the log."""
    body = {"code": code, "message": message, "request_id": request_id.get()}
    return JsonResponse({"error": body}, status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API):
        nothing = "There is nothing at this address; /api/docs/ lists all addresses."
        return error("not_found", hint(request) or nothing, 404)
    return defaults.page_not_found(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API):
        return error("permission_denied", "Your role does not allow this. Ask an admin.", 403)
    return defaults.permission_denied(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """500; or 503 with the time to try again, or 507. No page of these needs a database."""
    fault = fault_of(sys.exc_info()[1])
    status = fault.status if fault else 500
    if request.path.startswith(API):
        response: HttpResponse = _fault(
            fault.code if fault else "failed", fault.message if fault else FAILED, status
        )
    else:
        page = render_to_string(
            f"{503 if fault else 500}.html", {"fault": fault, "request_id": request_id.get()}
        )
        response = HttpResponse(page, status=status)
    if status == 503:
        response["Retry-After"] = "10"
    return response


class WithoutTrace(logging.Filter):
    """What is unreachable gets one line per request in the log: where it was needed does not matter."""

    def filter(self, record: logging.LogRecord) -> bool:
        problem = record.exc_info[1] if record.exc_info else None
        if fault_of(problem):
            record.msg, record.args, record.exc_info = f"{record.getMessage()}: {problem!r}", (), None
        return True
