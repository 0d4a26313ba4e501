"""The API's document, and a page of it: Swagger UI within the site's; `frontend/src/docs` starts it."""

from functools import cache
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.request import Request
from rest_framework.response import Response


class ApiDocument(SpectacularAPIView):
    """The same for everybody: each process makes it once, as that takes a second."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        renderer = request.accepted_renderer
        kind = (
            f"{renderer.media_type}; charset={renderer.charset}" if renderer.charset else renderer.media_type
        )
        name = self._get_filename(request, None)
        headers = {"Content-Disposition": f'inline; filename="{name}"'}
        return HttpResponse(_written(renderer.media_type), content_type=kind, headers=headers)


@cache
def _written(media_type: str) -> str | bytes:
    [renderer] = [one() for one in ApiDocument.renderer_classes if one.media_type == media_type]
    return renderer.render(_document(), renderer_context={})


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = SchemaGenerator().get_schema(public=True)
    return document


class ApiDocs(SpectacularSwaggerView):
    url_name = "api:schema"
    template_name = "core/api_docs.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A page: people who are not signed in are sent to sign in, programs with a token are not."""
        if not request.user.is_authenticated and "Authorization" not in request.headers:
            return redirect_to_login(request.get_full_path())
        return super().dispatch(request, *args, **kwargs)

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class TokenScheme(OpenApiAuthenticationExtension):
    """In place of the library's, which calls it by the name of another library."""

    target_class = "inspector.accounts.token_sign_in.TokenAuthentication"
    name = "token"
    priority = 1

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token …`: the word, a space, and what POST /api/token/ answered.",
        }
