"""One shape for every refusal of the API: {"error": {"code", "message"}}."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import exception_handler as default_handler

from inspector.core.errors import Refused, body_of, refusal_of


def exception_handler(exception: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal as {"error": {"code", "message"}}, with the fields of a form where it has some."""
    if "request" in context:  # JSON, where the endpoint's own answers are a page or a picture, too
        context["request"].accepted_renderer = JSONRenderer()
        context["request"].accepted_media_type = JSONRenderer.media_type
    if isinstance(exception, SuspiciousOperation | BadRequest):
        exception = refusal_of(exception)
    if isinstance(exception, Refused):
        return Response(body_of(exception), exception.status)
    if isinstance(exception, Http404):
        exception = exceptions.NotFound()
    elif isinstance(exception, PermissionDenied):
        exception = exceptions.PermissionDenied()
    response = default_handler(exception, context)
    if response is None or not isinstance(exception, exceptions.APIException):
        return response
    response.data = {"error": _error_of(exception)}
    return response


def _error_of(exception: exceptions.APIException) -> dict[str, Any]:
    detail = exception.detail
    if isinstance(detail, dict):
        fields = {name: list(_texts(texts)) for name, texts in detail.items()}
        message = " ".join(f"{name}: {' '.join(texts)}" for name, texts in fields.items())
        return {"code": "invalid", "message": message, "fields": fields}
    codes = exception.get_codes()
    return {"code": codes if isinstance(codes, str) else "invalid", "message": " ".join(_texts(detail))}


def _texts(detail: Any) -> Iterator[str]:
    """For a list of files or a form within a form, the texts say which one they are about."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            about = f"no. {key + 1}" if isinstance(key, int) else key
            yield from (f"{about}: {text}" for text in _texts(inner))
    elif isinstance(detail, list | tuple):
        for inner in detail:
            yield from _texts(inner)
    else:
        yield str(detail)
