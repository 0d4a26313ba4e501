"""Pages of categories as a whole: the table of them, one's page, its name and description; archive and
delete."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inspector.accounts.sure import SureForm
from inspector.categories.create import create_category, describe_category
from inspector.categories.models import Category
from inspector.categories.selectors import archived as archived_categories
from inspector.core.errors import Refused
from inspector.registry import shown
from inspector.registry.selectors import categories_overview, category_overview, versions_listed
from inspector.samples.browse import strips
from inspector.samples.models import Split
from inspector.samples.selectors import counts
from inspector.site import archive as archiving
from inspector.site import delete as deleting
from inspector.site import remove_production as production
from inspector.site.forms import CategoryForm, DeleteForm, NewCategoryForm

may_view = permission_required("registry.view_modelversion", raise_exception=True)
may_archive = permission_required("categories.change_category", raise_exception=True)
may_delete = permission_required("categories.delete_category", raise_exception=True)


@require_safe
@may_view
def categories(request: HttpRequest) -> HttpResponse:
    """Those in use; with ?archived, the archived ones."""
    archived = "archived" in request.GET
    context = {"rows": categories_overview(archived=archived), "archived": archived}
    return render(request, "site/categories.html", context | {"n_archived": archived_categories().count()})


@require_safe
@may_view
def category(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        row = category_overview(slug)
    except Category.DoesNotExist:
        raise Http404(f"There is no category {slug}.") from None
    few = strips(row.category)
    groups = [
        group | {"name": Split(group["split"]).label, "examples": few[group["split"], group["label"]]}
        for group in counts(row.category)
    ]
    context = {"row": row, "category": row.category, "groups": groups}
    context |= {"versions": versions_listed(row.category), "active": row.active, "at_work": row.deployment}
    context["made_up"] = production.made_up(row.category).count()
    if row.active:
        context |= shown.report(row.active)
    return render(request, "site/category.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("categories.add_category", raise_exception=True)
def new(request: HttpRequest) -> HttpResponse:
    form = NewCategoryForm(request.POST or None)
    see = None
    if form.is_valid():
        try:
            category = create_category(**form.cleaned_data, by=request.user)
        except Refused as refused:
            form.add_error("slug" if refused.fields and form.asks_address else "name", refused.message)
            see = refused.see
        else:
            return redirect("samples:list", category.slug)
    context = {"form": form, "see": see}
    return render(request, "site/new_category.html", context, status=400 if form.errors else 200)


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
    return render(request, "site/describe_category.html", context, status=400 if form.errors else 200)


@require_POST
@may_archive
def archive(request: HttpRequest, slug: str) -> HttpResponse:
    category = get_object_or_404(Category, slug=slug)
    sure = SureForm(request, request.POST)
    if not sure.is_valid():
        messages.error(request, sure.what_is_wrong)
        return redirect(category)
    category = archiving.archive(category, by=request.user, reason=sure.reason_given)
    messages.success(request, f"{category} has been archived. Its history is kept.")
    return redirect(category)


@require_POST
@may_archive
def unarchive(request: HttpRequest, slug: str) -> HttpResponse:
    category = archiving.unarchive(get_object_or_404(Category, slug=slug), by=request.user)
    messages.success(request, f"{category} is no longer archived.")
    return redirect(category)


@require_POST
@may_delete
def remove_production(request: HttpRequest, slug: str) -> HttpResponse:
    category = get_object_or_404(Category, slug=slug)
    n = production.remove_production(category, by=request.user)
    messages.success(request, f"{n:,} made-up photos of {category} were removed.")
    return redirect(category)


@require_http_methods(["GET", "HEAD", "POST"])
@may_delete
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    """What goes with it, and its name to type (GET); then it is gone (POST)."""
    category = get_object_or_404(Category, slug=slug)
    form = DeleteForm(request, request.POST or None, category=category)
    if request.method == "POST" and form.is_valid():
        deleting.delete(category, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, f"{category.name} was deleted.")
        return redirect("categories:list")
    context = {"category": category, "form": form, "refused": None, "counts": deleting.counts(category)}
    try:
        deleting.refuse_inspected(category)
        archiving.refuse_open_run(category, "delete")
    except Refused as refused:
        context["refused"] = refused
    return render(request, "site/delete_category.html", context, status=400 if form.errors else 200)
