"""Counts requests, and answers Prometheus before a session is looked for."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from inspector.core.metrics import registry, view


class Metrics:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == view.ADDRESS and view.has_token(request):
            return view.metrics(request)
        begun = time.monotonic()
        response = self.get_response(request)
        registry.count_request(request.method, response.status_code, time.monotonic() - begun)
        return response
