"""People, their API tokens, and failed sign-ins. A person's role is a group."""

import zoneinfo
from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from knox.models import AuthToken

from inspector.accounts.events import AccountEvent
from inspector.core.events import record
from inspector.core.roles import Role

SOON = timedelta(days=14)  # pages warn this long before a token expires


def validate_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"“{name}” is not a time zone. Use a name such as Europe/Berlin.")


class User(AbstractUser):
    time_zone = models.CharField(
        max_length=60,
        blank=True,
        validators=[validate_time_zone],
        help_text="For example Europe/Berlin. Leave empty to use the browser's time zone.",
    )

    # Counts how often the account was made inactive: earlier sessions do not revive with it.
    deactivations = models.PositiveIntegerField(default=0, editable=False)

    _password_gone = False  # and not saved yet

    class Meta(AbstractUser.Meta):
        verbose_name = "person"
        verbose_name_plural = "people"

    @property
    def role(self) -> Role | None:
        """None for somebody who has none yet. A superuser counts as an admin."""
        if self.is_superuser:
            return Role.ADMIN
        names = {group.name for group in self.groups.all()}
        return next((role for role in reversed(Role) if role.value in names), None)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """With the password the API tokens end, and with the account: by whichever door."""
        saved = kwargs.get("update_fields")
        inactive = not self.is_active and (saved is None or "is_active" in saved)
        # Django keeps what `set_password` was given until it is saved; not when a hash is only renewed.
        ends = inactive or getattr(self, "_password", None) is not None or self._password_gone
        with transaction.atomic():
            super().save(*args, **kwargs)
            if ends:
                self.end_access(inactive=inactive)
        self._password_gone = False

    def set_unusable_password(self) -> None:
        super().set_unusable_password()
        self._password_gone = True

    def end_access(self, *, inactive: bool) -> None:
        """End API tokens and sessions for good. A new password ends sessions by itself."""
        tokens = ApiToken.objects.filter(user=self)
        count = tokens.count()
        if count:
            tokens.delete()
            because = "the account was deactivated" if inactive else "the password was changed"
            record(None, AccountEvent.TOKENS_ENDED, self, tokens=count, because=because)
        if inactive:
            User.objects.filter(pk=self.pk).update(deactivations=models.F("deactivations") + 1)
            self.refresh_from_db(fields=["deactivations"])

    def _get_session_auth_hash(self, secret: Any = None) -> str:
        known: str = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
        if not self.deactivations:
            return known
        text = f"{known} {self.deactivations}"
        return salted_hmac("inspector.accounts", text, secret=secret, algorithm="sha256").hexdigest()


class ApiToken(AuthToken):
    """A token of the library's, as the admin panel calls it."""

    class Meta:
        proxy = True
        verbose_name = "API token"

    def __str__(self) -> str:
        return self.name or f"{self.token_key[:8]}… of {self.user}"

    @property
    def name(self) -> str:
        return self.notes.name if hasattr(self, "notes") else ""

    @property
    def last_used(self) -> datetime | None:
        return self.notes.last_used if hasattr(self, "notes") else None

    @property
    def expired(self) -> bool:
        return self.expiry is not None and self.expiry < timezone.now()

    @property
    def ends_soon(self) -> bool:
        return self.expiry is not None and self.expiry < timezone.now() + SOON


class TokenNotes(models.Model):
    """What the library's tokens lack; tokens from before names were added have none."""

    token = models.OneToOneField(AuthToken, on_delete=models.CASCADE, primary_key=True, related_name="notes")
    name = models.CharField(max_length=60, blank=True)
    last_used = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class FailedSignIn(AccessAttempt):
    """Failures in a row of one name at one address, as the admin panel calls it."""

    class Meta:
        proxy = True
        verbose_name = "failed sign-in"

    def __str__(self) -> str:
        return f"{self.username} at {self.ip_address}"
