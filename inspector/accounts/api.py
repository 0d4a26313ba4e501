"""API tokens: a name and a password for a token, and giving it back."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from knox.auth import TokenAuthentication
from knox.models import AuthToken
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from inspector.accounts.tokens import create_token, revoke_token
from inspector.core.api import refusals
from inspector.core.errors import Refused


class Credentials(serializers.Serializer):
    username = serializers.CharField()
    password = serializers.CharField(trim_whitespace=False, style={"input_type": "password"})


class Token(serializers.Serializer):
    token = serializers.CharField(
        help_text="Send it as the header `Authorization: Token …`. Shown only once."
    )
    expiry = serializers.DateTimeField(allow_null=True, help_text="null: valid until it is revoked")


class ThrottleByName(ScopedRateThrottle):
    """So many tries for one account, wherever they come from: addresses are easily changed."""

    def get_cache_key(self, request: Request, view: Any) -> str:
        data = request.data if isinstance(request.data, Mapping) else {}
        name = hashlib.sha256(str(data.get("username", "")).strip().lower().encode()).hexdigest()
        return self.cache_format % {"scope": f"{self.scope}-name", "ident": name}


class TokenView(APIView):
    throttle_scope = "token"

    @property
    def signing_in(self) -> bool:
        return self.request is not None and self.request.method == "POST"

    def get_authenticators(self) -> list[Any]:
        # A stale header must not stand in the way of a new token.
        return [] if self.signing_in else [TokenAuthentication()]

    def get_permissions(self) -> list[Any]:
        return [AllowAny() if self.signing_in else IsAuthenticated()]

    def get_throttles(self) -> list[Any]:
        return [ScopedRateThrottle(), ThrottleByName()] if self.signing_in else []

    @extend_schema(
        summary="Get a token",
        request=Credentials,
        responses={200: Token} | refusals(400, 401, 429),
        auth=[],
        tags=["token"],
    )
    def post(self, request: Request) -> Response:
        given = Credentials(data=request.data)
        given.is_valid(raise_exception=True)
        user = authenticate(request, **given.validated_data)
        if user is None:
            # One sentence for every reason: it must not tell which names exist.
            raise Refused(
                "wrong_credentials",
                "Wrong username or password, or the account is not active.",
                status=status.HTTP_401_UNAUTHORIZED,
            )
        row, token = create_token(user)
        return Response(Token({"token": token, "expiry": row.expiry}).data)

    @extend_schema(
        summary="Revoke the token of this request",
        request=None,
        responses={204: None} | refusals(401),
        tags=["token"],
    )
    def delete(self, request: Request) -> Response:
        assert isinstance(request.auth, AuthToken)
        revoke_token(request.auth.user, request.auth.token_key)
        return Response(status=status.HTTP_204_NO_CONTENT)
