"""What the Inspect page sends."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from inspector.categories.models import Category
from inspector.core.errors import Refused
from inspector.core.fields import IdField
from inspector.inspections.parts import NAMES, Part, label_of, own_fields, part_of

OWN = "own_"  # begins the name of an input for a field of one's own


def part_inputs(said: Mapping[str, str]) -> list[dict[str, str]]:
    """The fields that say which part it is, with the last values; a serial differs for each part."""
    inputs = [(name, name) for name in NAMES] + [(key, OWN + key) for key in own_fields()]
    kept = {**said, "serial": ""}
    return [{"name": name, "label": label_of(key), "value": kept.get(key, "")} for key, name in inputs]


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

    def part(self) -> Part:
        """Which part it is; raises Refused where it cannot be kept."""
        own = {key: self.data.get(OWN + key, "") for key in own_fields()}
        return part_of({name: self.data.get(name, "") for name in NAMES} | {"part_fields": own})

    def accepted(self) -> dict[str, Any]:
        """The cleaned values; raises Refused with the first thing that is wrong."""
        if not self.is_valid():
            field, errors = next(iter(self.errors.items()))
            raise Refused(f"bad_{field}", str(errors[0]))
        return self.cleaned_data
