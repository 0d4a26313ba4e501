"""Who a program is, by its token; and when a token was used last."""

import binascii
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from inspector.accounts.models import TokenNotes

EVERY = timedelta(minutes=1)  # last use is written no more often: it would be a write for each request
WRONG = (
    "This token is not valid: it has expired or was revoked, or the password was changed. Create a new one."
)


class TokenAuthentication(KnoxAuthentication):
    """The library looks through, and clears away, all of a person's tokens at each request."""

    def authenticate_credentials(self, token: bytes) -> tuple[Any, AuthToken]:
        try:
            digest = hash_token(token.decode("ascii"))
        except (ValueError, binascii.Error):
            raise AuthenticationFailed(WRONG) from None
        stored = AuthToken.objects.select_related("user", "notes").filter(digest=digest).first()
        now = timezone.now()
        if stored is None or (stored.expiry and stored.expiry < now) or not stored.user.is_active:
            raise AuthenticationFailed(WRONG)
        _note_use(stored, now)
        return stored.user, stored


def _note_use(token: AuthToken, now: datetime) -> None:
    notes = getattr(token, "notes", None)
    if notes is None or notes.last_used is None or notes.last_used < now - EVERY:
        TokenNotes.objects.update_or_create(token=token, defaults={"last_used": now})
