"""The OpenAPI document lists every answer, including those that all endpoints of a kind share."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework.pagination import CursorPagination

from inspector.core.api import Error


class Schema(AutoSchema):
    def _get_response_bodies(self, direction: Any = "response") -> Any:
        known = super()._get_response_bodies(direction)
        shared = {code: self._get_response_for_code(Error, code) for code in self._shared()}
        return dict(sorted((shared | known).items()))

    def _shared(self) -> list[str]:
        """The errors of every endpoint that has a body, a query, a page or something to sign in for."""
        statuses = ["400"]
        if self.get_auth():
            statuses += ["401", "403"]
        if "{" in self.path or isinstance(getattr(self.view, "paginator", None), CursorPagination):
            statuses.append("404")
        if self.method == "POST" and self.get_request_serializer():
            statuses.append("415")
        return statuses
