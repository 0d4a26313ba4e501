"""What a sensitive act asks for in a browser: why, and the password again where that is wanted."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from inspector.accounts import limits
from inspector.accounts.selectors import person_of
from inspector.core.events import REASON_LENGTH, SAY_WHY

WRONG = "This is not your password. Passwords are case-sensitive."
CURRENT = {"autocomplete": "current-password"}


class PasswordAgain(forms.Form):
    """For forms that ask why themselves. It needs `request`, asks only with INSPECTOR_CONFIRM_PASSWORD."""

    request: HttpRequest
    own_password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs=CURRENT),
        help_text="To confirm that it is you.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not settings.CONFIRM_PASSWORD:
            self.fields.pop("own_password", None)

    def clean_own_password(self) -> str:
        """As often as at the sign-in page and no more."""
        given: str = self.cleaned_data["own_password"]
        if not given and not self.fields["own_password"].required:
            return given
        name = person_of(self.request).get_username()
        if authenticate(self.request, username=name, password=given) is None:
            left = limits.wait_of(self.request)
            raise ValidationError(limits.words(left) if left else WRONG)
        return given


class AsksWhy(PasswordAgain):
    reason = forms.CharField(
        label="Why",
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept in the audit trail.",
        error_messages={"required": SAY_WHY},
    )


class SureForm(AsksWhy):
    """By itself: for acts that ask nothing else."""

    field_order = ("reason", "own_password")

    def __init__(self, request: HttpRequest | None, data: Any = None, **kwargs: Any) -> None:
        if request:
            self.request = request
        super().__init__(data, **kwargs)

    @property
    def reason_given(self) -> str:
        """Of a form that was looked at."""
        return str(self.cleaned_data.get("reason", ""))

    @property
    def what_is_wrong(self) -> str:
        """For pages that cannot show it beside the fields."""
        texts = (error for errors in self.errors.values() for error in errors)
        return f"{' '.join(map(str, texts))} Nothing was changed."
