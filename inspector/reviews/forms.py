"""What people send about reviews."""

from typing import Any

from django import forms
from django.http import HttpRequest

from inspector.accounts.sure import SureForm
from inspector.core.errors import Refused
from inspector.core.fields import IdField
from inspector.reviews.decide import Finding
from inspector.reviews.models import (
    KEYS,
    NAME_LENGTH,
    WORDS_LENGTH,
    Decision,
    DefectType,
    Disposition,
    QueueRules,
    Severity,
)
from inspector.reviews.rules import FIELDS

LONGEST = 86_400.0  # seconds


class DecisionForm(forms.Form):
    """A decision about one photo. A defect type that is pressed says defective by itself."""

    decision = forms.ChoiceField(choices=Decision.choices, required=False)
    defect = IdField(required=False)
    # One of the names that are offered, and one that is typed: both are sent where both are in the form.
    suggested = forms.CharField(required=False, max_length=NAME_LENGTH)
    defect_name = forms.CharField(required=False, max_length=NAME_LENGTH)
    severity = forms.ChoiceField(choices=[("", ""), *Severity.choices], required=False)
    disposition = forms.ChoiceField(choices=[("", ""), *Disposition.choices], required=False)
    comment = forms.CharField(required=False, max_length=WORDS_LENGTH)
    seconds = forms.FloatField(required=False, min_value=0.0, max_value=LONGEST)
    seen = IdField(required=False)
    operation = forms.UUIDField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        named = cleaned.get("defect") or cleaned.get("suggested")
        if not cleaned.get("decision"):
            cleaned["decision"] = Decision.DEFECTIVE if named else ""
        if not cleaned["decision"]:
            self.add_error("decision", "Choose good, defective or cannot tell.")
        return cleaned

    def finding(self) -> Finding:
        """Refused "invalid_review" for an unknown defect type."""
        sent = self.cleaned_data
        defective = sent["decision"] == Decision.DEFECTIVE
        defect: DefectType | str | None = None
        if defective and sent["defect"]:
            defect = DefectType.objects.filter(pk=sent["defect"]).select_related("category").first()
            if defect is None:
                words = "There is no such defect type. Reload the page."
                raise Refused("invalid_review", words, fields={"defect": [words]})
        elif defective:
            defect = sent["suggested"] or sent["defect_name"]
        return Finding(
            decision=sent["decision"],
            defect=defect,
            # What was chosen before the part turned out to be good says nothing.
            severity=sent["severity"] if defective else "",
            disposition=sent["disposition"] if defective else "",
            comment=sent["comment"],
            seconds=sent["seconds"],
        )


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=WORDS_LENGTH, required=False, strip=True)


def why(request: HttpRequest) -> str:
    """Withdrawing another person's decision needs a reason, and the password again where that is set."""
    sure = SureForm(request, request.POST)
    if not sure.is_valid():
        fields = {name: [str(error) for error in errors] for name, errors in sure.errors.items()}
        raise Refused("invalid_withdrawal", sure.what_is_wrong, fields=fields)
    return sure.reason_given


class MarkForm(forms.Form):
    """What somebody drew: a PNG as large as the page's canvas, and the tools it was drawn with."""

    mask = forms.FileField(max_length=255, error_messages={"required": "Draw something first, then save."})
    tools = forms.CharField(required=False, max_length=200)
    seen = IdField(required=False)

    def clean_tools(self) -> list[str]:
        return [name for name in self.cleaned_data["tools"].split(",") if name]


class DefectTypeForm(forms.ModelForm):
    key = forms.TypedChoiceField(
        choices=[("", "None"), *((key, str(key)) for key in KEYS)],
        coerce=int,
        empty_value=None,
        required=False,
    )

    class Meta:
        model = DefectType
        fields = ("name", "severity", "key", "description")


class ExampleForm(forms.Form):
    """An inspection's id, or nothing to take the example away."""

    inspection = IdField(required=False)


class RulesForm(forms.ModelForm):
    class Meta:
        model = QueueRules
        fields = FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["second_share"].required = False

    def clean_second_share(self) -> float:
        """Left out, it stays as it is."""
        given: float | None = self.cleaned_data["second_share"]
        return self.instance.second_share if given is None else given
