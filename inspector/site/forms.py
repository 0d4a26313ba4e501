"""Forms for a category's name and description, and to delete it. The rules are the verbs'; a form only
asks."""

from typing import Any

from django import forms
from django.http import HttpRequest

from inspector.accounts.sure import AsksWhy
from inspector.categories.create import slug_of
from inspector.categories.models import Category
from inspector.categories.names import cleaned


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


ADDRESS_HELP = "Latin letters, digits and - of its address, such as bottle-top. It never changes."


class NewCategoryForm(CategoryForm):
    """With the address of one whose name is written in other letters; all else have it from the name."""

    slug = forms.CharField(label="Address", required=False, help_text=ADDRESS_HELP)

    field_order = ("name", "slug", "description")

    @property
    def asks_address(self) -> bool:
        """Only where the name gives none."""
        return self.is_bound and bool(self["name"].value()) and not slug_of(self["name"].value())


class DeleteForm(AsksWhy):
    """What cannot be undone is typed, not clicked."""

    name = forms.CharField(
        label="Name of the category", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    field_order = ("name", "reason", "own_password")

    def __init__(self, request: HttpRequest, data: Any, *, category: Category) -> None:
        self.request, self.category = request, category
        super().__init__(data)
        self.fields["name"].help_text = f"Type “{category.name}” to confirm."

    def clean_name(self) -> str:
        name = cleaned(self.cleaned_data["name"])
        if name != cleaned(self.category.name):
            raise forms.ValidationError(f"This is not “{self.category.name}”. Nothing was deleted.")
        return name
