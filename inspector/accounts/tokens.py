"""API tokens: stored hashed, shown once, with an end; revoked by the person or an admin."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from knox.models import AuthToken

from inspector.accounts.events import AccountEvent
from inspector.accounts.models import TokenNotes, User
from inspector.accounts.selectors import role_of
from inspector.core.errors import Refused
from inspector.core.events import Who, because, record
from inspector.core.roles import Role

LONGEST_DAYS = 365
KEPT_EXPIRED = timedelta(days=30)  # how long the page shows that one has expired


def may_be_endless(user: User) -> bool:
    return settings.ENDLESS_TOKENS or role_of(user) == Role.ADMIN


def create_token(user: User, name: str = "", days: int | None = -1) -> tuple[AuthToken, str]:
    """A new token of this person; the string is returned here and never again.

    days: how long it lasts, None for ever; the usual number if it is left out.
    """
    if days is None and not may_be_endless(user):
        message = f"Only admins may have tokens that never expire. Choose at most {LONGEST_DAYS} days."
        raise Refused("never_is_for_admins", message, status=403)
    days = settings.TOKEN_DAYS if days == -1 else days
    with transaction.atomic():
        _refuse_changed(user)
        row, token = AuthToken.objects.create(user, expiry=timedelta(days=days) if days else None)
        TokenNotes.objects.create(token=row, name=name.strip()[:60])
        record(
            user,
            AccountEvent.TOKEN_CREATED,
            user,
            starts_with=row.token_key,
            name=name.strip()[:60],
            days=days,
        )
    return row, token


def _refuse_changed(user: User) -> None:
    """Tokens end with the password and with the account. So does the right to one of a person who was asked
    for the password a moment before: whoever changes either waits here, or is waited for."""
    same = User.objects.filter(pk=user.pk, password=user.password, is_active=True)
    if same.select_for_update(no_key=True).first() is None:
        message = "The password or the account was changed a moment ago. Sign in again."
        raise Refused("account_changed", message, status=401)


def revoke_token(
    user: User, token_key: str, *, by: Who = None, reason: str = "", operation: UUID | None = None
) -> None:
    """Programs that use it are refused from now on. Done by the person, or by an admin: `by`."""
    with transaction.atomic():
        deleted, _ = AuthToken.objects.filter(user=user, token_key=token_key).delete()
        if not deleted:
            raise Refused(
                "no_such_token", "There is no such token; it may have been revoked already.", status=404
            )
        detail = {"starts_with": token_key, **because(reason)}
        record(by or user, AccountEvent.TOKEN_REVOKED, user, operation=operation, **detail)


def forget_expired() -> int:
    """Tokens that have been of no use for long. Returns how many."""
    old = timezone.now() - KEPT_EXPIRED
    _, removed = AuthToken.objects.filter(expiry__lt=old).delete()
    return removed.get("knox.AuthToken", 0)
