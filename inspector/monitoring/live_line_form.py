"""What the page of escapes and false calls asks besides the period."""

from django import forms
from django.http import QueryDict

from inspector.core.templatetags.figures import plain_percent
from inspector.monitoring.asked import TrendsForm
from inspector.monitoring.live_line import WIDTH, WIDTHS

OTHERS = [one for one in WIDTHS if one != WIDTH]


class LiveLineForm(TrendsForm):
    """width: how narrow the interval is to be."""

    width = forms.ChoiceField(
        choices=[("", plain_percent(WIDTH)), *((str(one), plain_percent(one)) for one in OTHERS)],
        required=False,
        label="Wanted interval",
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.fields["width"].widget.attrs["data-submits"] = True

    @property
    def to_width(self) -> float:
        return float(self.cleaned_data["width"] or WIDTH)
