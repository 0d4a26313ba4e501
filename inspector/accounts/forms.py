"""What people change about themselves."""

import zoneinfo
from functools import cache
from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordChangeForm

from inspector.accounts.models import User


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
    """In which zone the person sees times."""

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


class PasswordForm(PasswordChangeForm):
    """Django's, with its four rules in one sentence, and without taking the focus of a longer page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
        self.fields["old_password"].label = "Current password"
        self.fields[
            "new_password1"
        ].help_text = (
            "At least 10 characters; not a common password, not similar to your name, not only digits."
        )
        self.fields["new_password2"].label = "Repeat new password"
        self.fields["new_password2"].help_text = ""
