"""Forms of the admin panel about categories."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from inspector.categories.create import checked_name, free_slug
from inspector.categories.models import Category
from inspector.core.errors import Refused
from inspector.samples.models import GOOD, Split
from inspector.site.forms import ADDRESS_HELP


class PhotosForm(forms.Form):
    """Where uploaded photos go; the photos themselves are `images`, any number of files."""

    split = forms.ChoiceField(choices=Split.choices, widget=UnfoldAdminSelectWidget())
    label = forms.CharField(
        initial=GOOD,
        widget=UnfoldAdminTextInputWidget(),
        help_text="“good”, or for test samples the kind of defect, such as “scratch”",
    )


class CategoryForm(forms.ModelForm):
    """Says beside the field that a name is taken; the verb behind it checks once more."""

    class Meta:
        model = Category
        fields = ("name", "slug", "description")
        labels = {"slug": "Address"}
        help_texts = {"slug": ADDRESS_HELP}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False  # `clean` says why it is needed

    def clean_name(self) -> str:
        try:
            return checked_name(self.cleaned_data["name"], self.instance if self.instance.pk else None)
        except Refused as refused:
            raise forms.ValidationError(_with_link(refused)) from None

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        try:
            if not self.instance.pk and "name" in cleaned:
                free_slug(cleaned["name"], cleaned.get("slug"))
        except Refused as refused:
            self.add_error("slug" if "slug" in self.fields else "name", _with_link(refused))
        return cleaned


def _with_link(refused: Refused) -> str:
    if not refused.see:
        return refused.message
    address = reverse("admin:categories_category_change", args=[refused.see.pk])
    return format_html('{} <a class="underline" href="{}">Open {}</a>', refused.message, address, refused.see)
