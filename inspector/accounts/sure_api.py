"""What a sensitive act asks programs for: why. Not for a password: their token says who they are."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from inspector.core.api import NothingUnread
from inspector.core.events import REASON_LENGTH, SAY_WHY

WORDS: dict[str, Any] = {"required": SAY_WHY, "blank": SAY_WHY, "null": SAY_WHY}


class Why(NothingUnread, serializers.Serializer):
    """Why somebody does a sensitive act."""

    reason = serializers.CharField(
        max_length=REASON_LENGTH, help_text="Why; kept in the audit trail", error_messages=WORDS
    )


def why(request: Request) -> str:
    """From the body, or the address, as DELETE has no body with every client. 400 where there is none."""
    sent = Why(data=request.data or request.query_params)
    sent.is_valid(raise_exception=True)
    return str(sent.validated_data["reason"])
