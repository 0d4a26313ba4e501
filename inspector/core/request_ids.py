"""One id for a request: in its answer, in each line of the log, in tasks that it causes, on error pages."""

import re
from typing import Any
from uuid import uuid4

from celery import signals
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from inspector.core.logs import request_id
from inspector.core.middleware import GetResponse

HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(r"[A-Za-z0-9_.-]{8,64}")


class RequestId:
    """The first of all middleware. A proxy's own id is used; without a proxy anybody could claim one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        claimed = request.headers.get(HEADER, "") if settings.PROXIES else ""
        token = request_id.set(claimed if _WELL_FORMED.fullmatch(claimed) else uuid4().hex)
        try:
            response = self.get_response(request)
            response[HEADER] = request_id.get()
            return response
        finally:
            request_id.reset(token)


class NotKept:
    """Neither browsers nor proxies keep pages of signed-in people. What may be kept says so itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response


@signals.before_task_publish.connect
def send_along(headers: dict[str, Any] | None = None, **kwargs: Any) -> None:
    if headers is not None and request_id.get():
        headers["request_id"] = request_id.get()


@signals.task_prerun.connect
def take_over(task: Any = None, **kwargs: Any) -> None:
    request_id.set(str(getattr(task.request, "request_id", None) or ""))


@signals.task_postrun.connect
def put_down(**kwargs: Any) -> None:
    request_id.set("")
