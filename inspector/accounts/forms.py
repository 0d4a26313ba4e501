"""What people change about themselves."""

import zoneinfo
from functools import cache
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from inspector.accounts import limits
from inspector.accounts.models import User
from inspector.accounts.selectors import person_of
from inspector.accounts.sure import PasswordAgain
from inspector.accounts.tokens import may_be_endless


@cache
def zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """Time zones by continent; UTC by itself. Old aliases such as “Japan” are left out."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(zoneinfo.available_timezones()):
        continent, _, city = name.partition("/")
        if city and continent not in ("Etc", "SystemV", "US", "Brazil", "Canada", "Chile", "Mexico"):
            groups.setdefault(continent, []).append((name, city.replace("_", " ")))
    return list(groups.items())


class TimeZoneForm(forms.ModelForm):
    """The zone in which the person sees times."""

    class Meta:
        model = User
        fields = ["time_zone"]
        help_texts = {"time_zone": "Also sets when days begin and end on the start page and in the history."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["time_zone"]
        choices: list[Any] = [("", "From the browser"), ("UTC", "UTC"), *zones()]
        known = {"", "UTC"} | {name for _, group in zones() for name, _ in group}
        if self.instance.time_zone not in known:
            choices.insert(1, (self.instance.time_zone, self.instance.time_zone))
        field.widget = forms.Select(choices=choices)

    def save(self, commit: bool = True) -> User:
        """The zone alone, as `SavesPasswordAlone`."""
        person: User = super().save(commit=False)
        if commit:
            person.save(update_fields=["time_zone"])
        return person


class SavesPasswordAlone:
    """The account was read before the password was checked and computed, which takes a second: were all of it
    saved, it would be as it was then, and somebody who was made inactive meanwhile would be active again."""

    def set_password_and_save(self, user: Any, *args: Any, commit: bool = True, **kwargs: Any) -> Any:
        super().set_password_and_save(user, *args, commit=False, **kwargs)  # type: ignore[misc]
        if commit:
            user.save(update_fields=["password"])
        return user


class PasswordForm(SavesPasswordAlone, PasswordChangeForm):
    """Django's, with its four rules in one sentence, and without taking the focus of a longer page."""

    def __init__(self, request: HttpRequest, data: Any = None) -> None:
        super().__init__(person_of(request), data)
        self.request = request
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
        self.fields["old_password"].label = "Current password"
        self.fields[
            "new_password1"
        ].help_text = (
            "At least 10 characters; not a common password, not similar to your name, not only digits."
        )
        self.fields["new_password2"].label = "Repeat new password"
        self.fields["new_password2"].help_text = ""

    def clean_old_password(self) -> str:
        """As often as at the sign-in page and no more: the browser may be somebody else's at the moment."""
        old: str = self.cleaned_data["old_password"]
        if authenticate(self.request, username=self.user.get_username(), password=old) is None:
            left = limits.wait_of(self.request)
            raise ValidationError(limits.words(left) if left else self.error_messages["password_incorrect"])
        return old


class TokenForm(PasswordAgain):
    """What a new API token is for, which is why it is made, and how long it lasts."""

    name = forms.CharField(
        max_length=60, label="What is it for?", help_text="Such as “Camera 3” or “Nightly report”."
    )
    days = forms.TypedChoiceField(label="Expires", coerce=int, empty_value=None, required=False)

    field_order = ("name", "days", "own_password")

    def __init__(self, request: HttpRequest, data: Any = None) -> None:
        self.request, user = request, person_of(request)
        super().__init__(data)
        choices = [(days, f"in {days} days") for days in sorted({7, 30, 365, settings.TOKEN_DAYS})]
        never = [("", "never, until it is revoked")] if may_be_endless(user) else []
        self.fields["days"].choices = choices + never  # type: ignore[attr-defined]
        self.fields["days"].initial = settings.TOKEN_DAYS
        # Where tokens must expire, leaving the field empty is no choice either.
        self.fields["days"].required = not never
