"""The form for a training in the admin panel: the same questions, for one category or for several."""

from typing import Any

from django import forms
from unfold import widgets

from inspector.training.family import ABLE, ABLE_IN_WORDS
from inspector.training.forms import Choice, Greying, RetrainForm

AS_EACH = ""
PERCENT = ("anomalous", "flagged", "found", "defective", "review")


class PanelSelect(Greying, widgets.UnfoldAdminSelectWidget):
    """The panel's select."""


LOOKS: dict[type[forms.Field], type[forms.Widget]] = {
    forms.ChoiceField: PanelSelect,
    forms.TypedChoiceField: PanelSelect,
    forms.CharField: widgets.UnfoldAdminTextInputWidget,
    forms.FloatField: widgets.UnfoldAdminDecimalFieldWidget,
    forms.IntegerField: widgets.UnfoldAdminIntegerFieldWidget,
    forms.BooleanField: widgets.UnfoldBooleanWidget,
}


class PanelRetrainForm(RetrainForm):
    """Of several categories each may be trained as it was last time, by its own method and options."""

    def __init__(self, data: Any = None, *, several: bool = False, **known: Any) -> None:
        """`known`: as the site's form takes it."""
        super().__init__(data, **known)
        for name, field in self.fields.items():
            choices = getattr(field, "choices", None)
            greyed: frozenset[str] = getattr(field.widget, "greyed", frozenset())
            field.widget = LOOKS[type(field)](attrs=dict(field.widget.attrs))
            field.widget.greyed = greyed
            field.widget.is_required = field.required
            if choices is not None:
                field.choices = choices  # type: ignore[attr-defined]
            field.label = f"{field.label or name.capitalize()}{' (%)' if name in PERCENT else ''}"
        lacking = frozenset(choice.info.name for choice in self.methods if choice.lack)
        self.fields["method"].widget.greyed = lacking
        titles = [(choice.info.name, _choice_in_words(choice)) for choice in self.methods]
        self.fields["method"].choices = titles  # type: ignore[attr-defined]
        if several:
            self._offer_as_each(titles)

    def _offer_as_each(self, titles: list[tuple[str, str]]) -> None:
        self.fields["method"].choices = [  # type: ignore[attr-defined]
            (AS_EACH, "Each category with the settings of its last training"),
            *titles,
        ]
        self.fields["method"].required = False
        self.initial["method"] = AS_EACH
        self.fields["together"] = forms.BooleanField(
            required=False,
            label="One model for all of them (a family)",
            help_text=f"For {ABLE_IN_WORDS}. The categories are trained together, each with limits of its "
            "own, and others can join later with few photos. It usually detects a little less than a model "
            "for each.",
            widget=widgets.UnfoldBooleanWidget,
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("together") and "method" not in self.errors and cleaned["method"] not in ABLE:
            self.add_error(
                "together", f"Choose {ABLE_IN_WORDS} as the method, or train each category by itself."
            )
        return cleaned

    @property
    def as_each(self) -> bool:
        """Whether every category is trained as it was last time."""
        return self.cleaned_data["method"] == AS_EACH


def _choice_in_words(choice: Choice) -> str:
    """A method in a list: its title, and how long it takes or why it cannot be chosen."""
    if choice.lack:
        return f"{choice.info.title} (weights missing)"
    return f"{choice.info.title}: {choice.estimate}" if choice.estimate else choice.info.title
