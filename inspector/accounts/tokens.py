"""API tokens: stored hashed, shown once, revoked by the person or an admin."""

from uuid import UUID

from django.db import transaction
from knox.models import AuthToken

from inspector.accounts.models import User
from inspector.core.audit import Who, record
from inspector.core.errors import Refused


def create_token(user: User) -> tuple[AuthToken, str]:
    """A new token of this person; the string is returned here and never again."""
    with transaction.atomic():
        row, token = AuthToken.objects.create(user)
        record(user, "create token", user, starts_with=row.token_key)
    return row, token


def revoke_token(user: User, token_key: str, *, by: Who = None, operation: UUID | None = None) -> None:
    """Programs that use it are refused from now on. Done by the person, or by an admin: `by`."""
    with transaction.atomic():
        deleted, _ = AuthToken.objects.filter(user=user, token_key=token_key).delete()
        if not deleted:
            raise Refused(
                "no_such_token", "There is no such token; it may have been revoked already.", status=404
            )
        record(by or user, "revoke token", user, operation=operation, starts_with=token_key)
