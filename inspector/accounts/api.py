"""API tokens: a name and a password for a token, and giving it back."""

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from knox.models import AuthToken
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from inspector.accounts import limits
from inspector.accounts.models import User
from inspector.accounts.token_sign_in import TokenAuthentication
from inspector.accounts.tokens import LONGEST_DAYS, create_token, revoke_token
from inspector.core.api import NothingUnread, refusals
from inspector.core.errors import Refused, body_of


class Credentials(NothingUnread, serializers.Serializer):
    username = serializers.CharField()
    password = serializers.CharField(trim_whitespace=False, style={"input_type": "password"})
    name = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=60, help_text="What the token is for"
    )
    days = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=LONGEST_DAYS,
        help_text=f"How long it is valid, {settings.TOKEN_DAYS} by default; null: for ever, admins only",
    )


class Token(serializers.Serializer):
    token = serializers.CharField(
        help_text="Send it as the header `Authorization: Token …`. Shown only once."
    )
    expiry = serializers.DateTimeField(allow_null=True, help_text="null: valid until it is revoked")


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
        return [ScopedRateThrottle()] if self.signing_in else []

    @extend_schema(
        summary="Get a token",
        request=Credentials,
        responses={200: Token} | refusals(400, 401, 403, 429),
        auth=[],
        tags=["token"],
    )
    def post(self, request: Request) -> Response:
        given = Credentials(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        names = {name: asked[name] for name in ("username", "password")}
        user = authenticate(request._request, **names)
        if limits.wait_of(request._request):
            return _paused(request._request)
        if user is None:
            # One sentence for every reason: it must not reveal which names exist.
            raise Refused(
                "wrong_credentials",
                "Wrong username or password, or the account is not active.",
                status=status.HTTP_401_UNAUTHORIZED,
            )
        assert isinstance(user, User)
        row, token = create_token(user, asked["name"], asked.get("days", settings.TOKEN_DAYS))
        limits.signed_in(request._request, user, "API")
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


def _paused(request: HttpRequest) -> Response:
    left = limits.wait_of(request)
    body = body_of(Refused("sign_in_paused", limits.words(left)))
    return Response(body, status.HTTP_429_TOO_MANY_REQUESTS, headers={"Retry-After": limits.seconds(left)})
