"""What the Limits page asks. The rules are the verb's."""

from typing import Any

from django import forms

from inspector.core.fields import IdField
from inspector.registry.models import REASON_LENGTH, Deployment

NUMBER = {"step": "any", "inputmode": "decimal", "autocomplete": "off"}


class LimitsForm(forms.Form):
    review_from = forms.FloatField(
        label="REVIEW from",
        required=False,
        widget=forms.NumberInput(attrs=NUMBER),
        help_text="Scores from here up to ANOMALY are for a person to decide. Leave empty for no REVIEW.",
    )
    threshold = forms.FloatField(
        label="ANOMALY from",
        widget=forms.NumberInput(attrs=NUMBER),
        help_text="Scores at or above this are anomalies.",
    )
    reason = forms.CharField(
        label="Why",
        required=False,  # the verb says what is missing
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Shown in the history of limits and in the audit trail.",
    )
    replaces = IdField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, active: Deployment, data: Any = None) -> "LimitsForm":
        limits = {"threshold": active.threshold, "review_from": active.review_from}
        return cls(data, initial=limits | {"replaces": active.pk})
