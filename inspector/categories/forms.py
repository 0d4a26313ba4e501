"""Words of a category, and photos for it. The rules are the verbs'; a form only asks."""

from typing import Any

from django import forms

from detection.photos import images
from inspector.categories.models import GOOD, Category, Split


class CategoryForm(forms.ModelForm):
    """A category's name and what it is."""

    class Meta:
        model = Category
        fields = ["name", "description"]
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "name": "One kind of part, seen from one side, such as “Bottle, from above”.",
            "description": "What the part is, and how its photos are taken. Shown to inspectors.",
        }


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
