"""The same questions in the admin panel's fields."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextareaWidget

from inspector.accounts.sure import CURRENT, AsksWhy, SureForm
from inspector.core.events import SAY_WHY


class PanelAsksWhy(AsksWhy):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, widget in _widgets().items():
            if name in self.fields:
                widget.is_required = self.fields[name].required
                self.fields[name].widget = widget

    def ask_only_where_needed(self) -> None:
        """`require_answers` does, once it is known what was changed."""
        for name in _widgets().keys() & self.fields.keys():
            self.fields[name].required = self.fields[name].widget.is_required = False

    def require_answers(self) -> None:
        for name in _widgets().keys() & self.fields.keys() - self.errors.keys():
            if not self.cleaned_data.get(name):
                self.add_error(name, SAY_WHY if name == "reason" else "Enter your password.")


class PanelSureForm(PanelAsksWhy, SureForm):
    """By itself: for acts that ask nothing else."""


def _widgets() -> dict[str, forms.Widget]:
    return {
        "reason": UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        "own_password": UnfoldAdminPasswordWidget(attrs=CURRENT),
    }


def questions() -> tuple[str, ...]:
    """The names of the fields, for a form of the panel that lists its own."""
    return ("reason", "own_password") if settings.CONFIRM_PASSWORD else ("reason",)


def asking(form: Any, request: HttpRequest) -> Any:
    """The form's class for this request: the panel makes its forms itself and passes no request."""
    without = {} if settings.CONFIRM_PASSWORD else {"own_password": None}
    return type(form.__name__, (form,), {"request": request, **without})
