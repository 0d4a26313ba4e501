"""Photos for a category. The rules are the verb's; the form only asks."""

from typing import Any

from django import forms

from detection.photos import images
from inspector.samples.models import GOOD, Split


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class AddSamplesForm(forms.Form):
    """Where photos go. The files themselves are checked one by one by `add_samples`."""

    images = forms.FileField(
        widget=ManyFiles(
            attrs={
                "multiple": True,
                "accept": images.ACCEPT,
                "data-key": "u",
                "data-key-label": "Choose photos",
            }
        ),
        label="Photos",
        required=False,
        help_text="Choose them, paste them, or drop them anywhere on this page.",
    )
    split = forms.ChoiceField(
        choices=Split.choices,
        label="Used for",
        help_text="Training photos teach what good looks like; test photos measure how well that worked.",
    )
    label = forms.CharField(
        initial=GOOD,
        max_length=60,
        help_text="“good”, or for test photos the kind of defect, such as “scratch”.",
    )

    def __init__(self, *args: Any, labels: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.labels = labels
        self.fields["label"].widget.attrs["list"] = "known-labels"
