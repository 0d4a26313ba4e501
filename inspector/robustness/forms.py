"""What the pages of robustness ask. The rules are the verbs'."""

from django import forms

from inspector.robustness.models import MOST_PHOTOS, PHOTOS, STRENGTHS

WHOLE = {"inputmode": "numeric", "autocomplete": "off"}


class ReportForm(forms.Form):
    photos = forms.IntegerField(
        label="Photos of good parts",
        min_value=1,
        max_value=MOST_PHOTOS,
        initial=PHOTOS,
        widget=forms.NumberInput(attrs=WHOLE),
        help_text="And as many defective ones, drawn at random. About a minute for every five on one core.",
    )


class GateForm(forms.Form):
    is_on = forms.BooleanField(
        label="Ask before promoting a version that is not proven",
        required=False,
        help_text="Without a robustness report, or with too many false alarms. Rolling back never asks.",
    )
    most = forms.FloatField(
        label="Most false alarms, in per cent",
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal", "autocomplete": "off"}),
        help_text="Of any one change.",
    )
    strength = forms.TypedChoiceField(
        label="At strength",
        coerce=int,
        choices=[(strength, str(strength)) for strength in STRENGTHS],
        help_text="1 is hard to see, 2 visible, at 3 somebody would repair the lamp.",
    )
