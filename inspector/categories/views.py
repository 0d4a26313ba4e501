"""Pages of categories' words: make and describe."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from inspector.categories.create import create_category, describe_category
from inspector.categories.forms import CategoryForm
from inspector.categories.models import Category
from inspector.core.errors import Refused


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("categories.add_category", raise_exception=True)
def new(request: HttpRequest) -> HttpResponse:
    form = CategoryForm(request.POST or None)
    see = None
    if form.is_valid():
        try:
            category = create_category(
                form.cleaned_data["name"], description=form.cleaned_data["description"], by=request.user
            )
        except Refused as refused:
            form.add_error("name", refused.message)
            see = refused.see
        else:
            return redirect("samples:list", category.slug)
    context = {"form": form, "see": see}
    return render(request, "categories/new.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("categories.change_category", raise_exception=True)
def describe(request: HttpRequest, slug: str) -> HttpResponse:
    category = get_object_or_404(Category, slug=slug)
    form = CategoryForm(request.POST or None, instance=get_object_or_404(Category, slug=slug))
    see = None
    if form.is_valid():
        try:
            describe_category(category, **form.cleaned_data, by=request.user)
        except Refused as refused:
            form.add_error("name", refused.message)
            see = refused.see
        else:
            return redirect(category)
    context = {"form": form, "category": category, "see": see}
    return render(request, "categories/describe.html", context, status=400 if form.errors else 200)
