"""What people send about alerts."""

from typing import Any

from django import forms
from django.db.models import Q

from inspector.categories.models import Category
from inspector.monitoring.alerts import selectors
from inspector.monitoring.alerts.kinds import Kind, Number
from inspector.monitoring.alerts.models import NAME_LENGTH, URL_LENGTH, WORDS_LENGTH, Rule, Webhook
from inspector.monitoring.alerts.rules import MOST_QUIET


class RuleForm(forms.ModelForm):
    """Of a kind, whose words its fields have. What goes together is looked at by `rules.save`."""

    webhooks = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    quiet_minutes = forms.IntegerField(
        label="Quiet time (minutes)",
        min_value=0,
        max_value=MOST_QUIET,
        help_text="For this long after an alert, the rule raises no other one for the same category",
    )

    class Meta:
        model = Rule
        fields = (
            *("name", "category", "limit", "last", "over_at", "quiet_minutes", "from_time", "until_time"),
            *("emails", "enabled"),
        )
        widgets = {
            "from_time": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            "until_time": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        }

    field_order = (*Meta.fields[:-1], "webhooks", "enabled")

    def __init__(self, kind: Kind, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.kind = kind.value
        self._categories(kind)
        self._numbers(kind)
        self.fields[
            "from_time"
        ].help_text = "The rule is evaluated only in these hours. Leave empty for round the clock."
        self.fields["until_time"].label = "Until"
        self._hooks = {str(hook.pk): hook for hook in selectors.webhooks()}
        chosen = self.fields["webhooks"]
        assert isinstance(chosen, forms.MultipleChoiceField)
        chosen.choices = [(pk, str(hook)) for pk, hook in self._hooks.items()]
        for name in ("limit", "over_at"):
            value = self.initial.get(name)
            if isinstance(value, float) and value.is_integer():
                self.initial[name] = int(value)  # 20, not 20.0
        if self.instance.pk:
            self.initial["webhooks"] = [str(hook.pk) for hook in self.instance.webhooks.all()]
        if not self._hooks:
            del self.fields["webhooks"]

    def chosen_webhooks(self) -> list[Webhook]:
        return [self._hooks[pk] for pk in self.cleaned_data.get("webhooks", [])]

    def _categories(self, kind: Kind) -> None:
        if kind.whole:
            del self.fields["category"]
            return
        self.fields["category"] = forms.ModelChoiceField(
            # Its own, too: with that one missing the field would say “All categories”, and saving mean it.
            Category.objects.filter(Q(archived=None) | Q(pk=self.instance.category_id)).order_by("name"),
            required=False,
            to_field_name="slug",
            empty_label="All categories" + (", each by itself" if kind.each else " together"),
        )
        self.initial["category"] = self.instance.category

    def _numbers(self, kind: Kind) -> None:
        self._number("limit", kind.limit, "or less" if kind.below else "or more")
        self._number("over_at", kind.limit, "")
        side = "above" if kind.below else "below"
        self.fields["over_at"].label = f"Over when {side} ({kind.limit.unit})"
        self.fields["over_at"].help_text = "Leave empty for the limit. A value further away prevents flicker."
        if kind.last:
            self.fields["last"] = forms.IntegerField(max_value=int(kind.last.most))
            self._number("last", kind.last, "")
        else:
            del self.fields["last"]

    def _number(self, name: str, number: Number, more: str) -> None:
        field = self.fields[name]
        field.label = f"{number.label} ({number.unit}{' ' + more if more else ''})"
        field.widget.attrs |= {"min": f"{number.least:g}", "max": f"{number.most:g}"}
        field.widget.attrs["step"] = "1" if number.whole else "any"


class NoteForm(forms.Form):
    note = forms.CharField(
        label="What was found and done",
        max_length=WORDS_LENGTH,
        required=False,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class WebhookForm(forms.Form):
    name = forms.CharField(max_length=NAME_LENGTH)
    url = forms.CharField(
        label="Address",
        max_length=URL_LENGTH,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text="Addresses of this machine and private networks are refused unless the server allows them.",
    )
