"""Words of a category. The rules are the verbs'; a form only asks."""

from django import forms

from inspector.categories.models import Category


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
