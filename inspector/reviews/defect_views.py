"""The page of a category's defect types and of what comes into its queue."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from inspector.accounts.requests import PersonRequest
from inspector.categories.models import Category
from inspector.core.errors import Refused
from inspector.inspections.models import Inspection
from inspector.reviews import defect_types
from inspector.reviews.enqueue import rules_of
from inspector.reviews.examples import candidates, choose_example
from inspector.reviews.forms import DefectTypeForm, ExampleForm, RulesForm
from inspector.reviews.models import DefectType
from inspector.reviews.rules import change_rules, choose_golden
from inspector.samples.models import Sample

may_change = permission_required("reviews.change_defecttype", raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
def rules(request: PersonRequest, slug: str) -> HttpResponse:
    """What comes into the queue, and the defect types."""
    category = get_object_or_404(Category, slug=slug)
    current = rules_of(category)
    form = RulesForm(request.POST or None, instance=rules_of(category))
    if form.is_valid():
        change_rules(current, by=request.user, **form.cleaned_data)
        messages.success(request, f"The review queue of {category} follows these rules from now on.")
        return redirect("reviews:rules", category.slug)
    return _page(request, category, form=form)


@require_POST
@may_change
def add(request: PersonRequest, slug: str) -> HttpResponse:
    category = get_object_or_404(Category, slug=slug)
    form = DefectTypeForm(request.POST)
    refused = None
    if form.is_valid():
        try:
            added = defect_types.add(category, by=request.user, **form.cleaned_data)
        except Refused as problem:
            refused = problem
        else:
            messages.success(request, f"{added} was added.")
            return redirect("reviews:rules", category.slug)
    return _page(request, category, new=form, refused=refused)


@require_http_methods(["GET", "HEAD", "POST"])
@may_change
def change(request: PersonRequest, pk: int) -> HttpResponse:
    defect_type = get_object_or_404(DefectType.objects.select_related("category", "example"), pk=pk)
    form = DefectTypeForm(request.POST or None, instance=DefectType.objects.get(pk=pk))
    refused = None
    if form.is_valid():
        try:
            defect_type = defect_types.change(defect_type, by=request.user, **form.cleaned_data)
        except Refused as problem:
            refused = problem
        else:
            messages.success(request, f"{defect_type} was changed.")
            return redirect("reviews:rules", defect_type.category.slug)
    context = {
        "form": form,
        "refused": refused,
        "defect_type": defect_type,
        "category": defect_type.category,
        "candidates": candidates(defect_type),
    }
    status = refused.status if refused else 400 if form.errors else 200
    return render(request, "reviews/defect_type.html", context, status=status)


@require_POST
@may_change
def example(request: PersonRequest, pk: int) -> HttpResponse:
    """The photo that shows what it looks like, chosen on its own page or on the photo's."""
    defect = get_object_or_404(DefectType.objects.select_related("category", "example"), pk=pk)
    form = ExampleForm(request.POST)
    wanted = form.cleaned_data["inspection"] if form.is_valid() else None
    photo = get_object_or_404(Inspection, pk=wanted) if wanted else None
    try:
        choose_example(defect, photo, by=request.user)
    except Refused as problem:
        messages.error(request, problem.message)
    else:
        words = (
            f"{photo.filename} shows what “{defect}” looks like" if photo else f"“{defect}” has no example"
        )
        messages.success(request, f"{words} from now on.")
    if photo and request.POST.get("from") == "inspection":
        return redirect(photo)
    return redirect("reviews:defect-type", pk)


@require_POST
@may_change
def retire(request: PersonRequest, pk: int) -> HttpResponse:
    defect_type = get_object_or_404(DefectType.objects.select_related("category"), pk=pk)
    defect_types.retire(defect_type, by=request.user)
    messages.success(request, f"{defect_type} was retired. Reviews that name it keep it.")
    return redirect("reviews:rules", defect_type.category.slug)


@require_POST
@may_change
def golden(request: PersonRequest, pk: int) -> HttpResponse:
    """Show this sample beside photos in review."""
    sample = get_object_or_404(Sample.objects.select_related("category"), pk=pk)
    try:
        choose_golden(rules_of(sample.category), sample, by=request.user)
    except Refused as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, f"Reviewers of {sample.category} compare with this photo from now on.")
    return redirect("samples:sample", pk)


def _page(
    request: PersonRequest,
    category: Category,
    *,
    form: RulesForm | None = None,
    new: DefectTypeForm | None = None,
    refused: Refused | None = None,
) -> HttpResponse:
    choice = defect_types.choice(category)
    context: dict[str, Any] = {
        "category": category,
        "form": form or RulesForm(instance=rules_of(category)),
        "new": new or DefectTypeForm(),
        "refused": refused,
        "types": choice.types,
        "retired": DefectType.objects.filter(category=category).exclude(retired=None),
        "suggested": choice.suggested,
    }
    wrong = any(one is not None and one.errors for one in (form, new))
    status = refused.status if refused else 400 if wrong else 200
    return render(request, "reviews/rules.html", context, status=status)
