"""The OpenAPI document tells of every answer, those that all endpoints of a kind share, too."""

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
        """What a caller may be told wherever there is a body, a query, a page or something to sign in for."""
        found = ["400"]
        if self.get_auth():
            found += ["401", "403"]
        if "{" in self.path or isinstance(getattr(self.view, "paginator", None), CursorPagination):
            found.append("404")
        if self.method == "POST" and self.get_request_serializer():
            found.append("415")
        return found
