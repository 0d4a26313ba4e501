"""What the Inspect page sends."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from inspector.categories.models import Category
from inspector.core.errors import Refused
from inspector.core.fields import IdField


class PhotosField(forms.FileField):
    """One or many files. What each of them is, is checked by `core.uploads`, one by one."""

    widget = forms.FileInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        if not data:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return list(data)


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class InspectForm(forms.Form):
    category = forms.ModelChoiceField(
        queryset=Category.objects.all(),
        to_field_name="slug",
        error_messages={
            "required": "Choose a category, then send the photos again.",
            "invalid_choice": "This category no longer exists. Reload the page and choose another.",
        },
    )
    batch = IdField(required=False)
    # Who opened the page that sends this.
    person = IdField(required=False)
    images = PhotosField(
        widget=ManyFiles,
        error_messages={"required": "No photo was received. Choose one or more photos and send them again."},
    )

    def accepted(self) -> dict[str, Any]:
        """The cleaned values; raises Refused with the first thing that is wrong."""
        if not self.is_valid():
            field, errors = next(iter(self.errors.items()))
            raise Refused(f"bad_{field}", str(errors[0]))
        return self.cleaned_data
