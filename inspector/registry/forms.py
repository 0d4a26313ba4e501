"""The form of the Limits page. The rules are the verb's."""

from collections.abc import Sequence
from typing import Any, Self

from django import forms
from django.http import HttpRequest

from inspector.accounts.sure import PasswordAgain, SureForm
from inspector.core.events import REASON_LENGTH
from inspector.core.fields import IdField
from inspector.registry.models import Deployment

NOT_PROVEN = "Tick this to promote it anyway."
NUMBER = {"step": "any", "inputmode": "decimal", "autocomplete": "off"}


class LimitsForm(PasswordAgain):
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
    review_unstable = forms.BooleanField(
        label="REVIEW where a verdict is unstable",
        required=False,
        help_text="A photo near a limit is for a person, too, if fewer than 18 of 20 slight changes (a "
        "shift, a small turn, light, noise, JPEG) leave its verdict as it is.",
    )
    fast = forms.BooleanField(
        label="Fast: a quick draft decides clear OKs",
        required=False,
        help_text="Scores and heatmaps of these photos are estimates, marked with ~. Without it the model "
        "judges all photos; each takes longer.",
    )
    reason = forms.CharField(
        label="Why",
        required=False,  # the verb says what is missing
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Shown in the history of limits and in the audit trail.",
    )
    replaces = IdField(widget=forms.HiddenInput)

    def __init__(
        self, request: HttpRequest, data: Any = None, *, drafts: bool = False, **kwargs: Any
    ) -> None:
        """drafts: whether the version at work has a quick draft."""
        self.request = request
        super().__init__(data, **kwargs)
        if not drafts:
            self.fields.pop("fast")
        if data and "count" in data and "own_password" in self.fields:
            self.fields["own_password"].required = False  # nothing is changed yet

    @classmethod
    def of(cls, request: HttpRequest, active: Deployment, data: Any = None) -> Self:
        limits = {
            "threshold": active.threshold,
            "review_from": active.review_from,
            "review_unstable": active.review_unstable,
            "fast": active.fast,
        }
        drafts = active.version.making.has_draft
        return cls(request, data, drafts=drafts, initial=limits | {"replaces": active.pk})

    @property
    def asked(self) -> dict[str, Any]:
        """What the verb takes, of a form that is valid."""
        return {name: value for name, value in self.cleaned_data.items() if name != "own_password"}


class AllTheSame(forms.Form):
    """Asks for confirmation where something speaks against promoting a version. against: what that is."""

    all_the_same = forms.BooleanField(label="Promote it anyway", error_messages={"required": NOT_PROVEN})

    def __init__(self, *args: Any, against: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["all_the_same"].help_text = " ".join(against)
        if not against:
            self.fields.pop("all_the_same")


class PromoteForm(AllTheSame, SureForm):
    """at_work: the deployment that the page shows beside the version."""

    replaces = IdField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, at_work: Deployment | None, **kwargs: Any) -> None:
        super().__init__(*args, initial={"replaces": at_work and at_work.pk}, **kwargs)

    @property
    def answers(self) -> dict[str, Any]:
        """What the verb takes, of a form that is valid."""
        seen = {"replaces": self.cleaned_data["replaces"]} if "replaces" in self.data else {}
        all_the_same = self.cleaned_data.get("all_the_same", False)
        return {"reason": self.reason_given, "all_the_same": all_the_same, **seen}

    @classmethod
    def again(cls, request: HttpRequest, at_work: Deployment | None, **kwargs: Any) -> Self:
        """What was sent, to replace what is at work now: the page shows it."""
        data = request.POST.copy()
        data["replaces"] = str(at_work.pk) if at_work else ""
        return cls(request, data, at_work=at_work, **kwargs)
