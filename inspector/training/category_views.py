"""Pages that end a category's use. They stand here because a training under way forbids it."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from inspector.categories.models import Category
from inspector.categories.names import cleaned
from inspector.core.errors import Refused
from inspector.training import archive as archiving
from inspector.training import delete as deleting

may_archive = permission_required("categories.change_category", raise_exception=True)
may_delete = permission_required("categories.delete_category", raise_exception=True)


class DeleteForm(forms.Form):
    """What cannot be undone is typed, not clicked."""

    name = forms.CharField(
        label="Name of the category", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: object, category: Category) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.category = category
        self.fields["name"].help_text = f"Type “{category.name}” to confirm."

    def clean_name(self) -> str:
        name = cleaned(self.cleaned_data["name"])
        if name != cleaned(self.category.name):
            raise forms.ValidationError(f"This is not “{self.category.name}”. Nothing was deleted.")
        return name


@require_POST
@may_archive
def archive(request: HttpRequest, slug: str) -> HttpResponse:
    category = archiving.archive(get_object_or_404(Category, slug=slug), by=request.user)
    messages.success(request, f"{category} has been archived. Its history is kept.")
    return redirect(category)


@require_POST
@may_archive
def unarchive(request: HttpRequest, slug: str) -> HttpResponse:
    category = archiving.unarchive(get_object_or_404(Category, slug=slug), by=request.user)
    messages.success(request, f"{category} is no longer archived.")
    return redirect(category)


@require_http_methods(["GET", "HEAD", "POST"])
@may_delete
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    """What goes with it, and its name to type (GET); then it is gone (POST)."""
    category = get_object_or_404(Category, slug=slug)
    form = DeleteForm(request.POST or None, category=category)
    if request.method == "POST" and form.is_valid():
        deleting.delete(category, by=request.user)
        messages.success(request, f"{category.name} was deleted.")
        return redirect("registry:categories")
    context = {"category": category, "form": form, "refused": None, "counts": deleting.counts(category)}
    try:
        deleting.refuse_inspected(category)
        archiving.refuse_open_run(category, "delete")
    except Refused as refused:
        context["refused"] = refused
    return render(request, "training/delete_category.html", context, status=400 if form.errors else 200)
