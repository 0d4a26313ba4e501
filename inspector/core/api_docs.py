"""The API's own page: Swagger UI within the site's; `frontend/src/docs` starts it."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerView
from rest_framework.request import Request
from rest_framework.response import Response


class ApiDocs(SpectacularSwaggerView):
    url_name = "api:schema"
    template_name = "core/api_docs.html"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class TokenScheme(OpenApiAuthenticationExtension):
    """In place of the library's, which calls it by the name of another library."""

    target_class = "knox.auth.TokenAuthentication"
    name = "token"
    priority = 1

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token …`: the word, a space, and what POST /api/token/ answered.",
        }
