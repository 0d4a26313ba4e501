"""The limits of a category: what they make of known photos, other ones by hand, and their history."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from inspector.categories.models import Category
from inspector.core.errors import Refused
from inspector.inspections.score_chart import chart
from inspector.inspections.selectors import LAST, last_scores
from inspector.inspections.what_if import Scores, outcome
from inspector.registry.forms import LimitsForm
from inspector.registry.models import Deployment
from inspector.registry.selectors import active_deployment, deployment_history, test_scores
from inspector.registry.set_limits import set_limits

SHOWN = 50  # of the history


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("registry.view_deployment", raise_exception=True)
def limits(request: HttpRequest, slug: str) -> HttpResponse:
    """What a person tries is counted by the browser, or without its scripts by the page ("count")."""
    category = get_object_or_404(Category, slug=slug)
    if request.method == "POST":
        return _count(request, category) if "count" in request.POST else _change(request, category)
    active = active_deployment(category)
    return _page(request, category, active, LimitsForm.of(request, active) if active else None)


def _form(request: HttpRequest, active: Deployment) -> LimitsForm:
    """What was sent, to replace what is at work now: the page shows it."""
    data = request.POST.copy()
    data["replaces"] = str(active.pk)
    return LimitsForm.of(request, active, data)


def _count(request: HttpRequest, category: Category) -> HttpResponse:
    """Without scripts: what the limits of the form would make of known photos."""
    active = active_deployment(category)
    form = _form(request, active) if active else None
    return _page(request, category, active, form, status=400 if form and form.errors else 200)


def _change(request: HttpRequest, category: Category) -> HttpResponse:
    if not request.user.has_perm("registry.promote_modelversion"):
        raise PermissionDenied
    active, status = active_deployment(category), 400
    form = LimitsForm.of(request, active, request.POST) if active else LimitsForm(request, request.POST)
    refused = None
    if form.is_valid():
        try:
            set_limits(category, **form.asked, by=request.user)
        except Refused as problem:
            refused, status = problem, problem.status
        else:
            messages.success(request, f"Photos of {category} are judged by the new limits from now on.")
            return redirect("inspections:limits", slug=category.slug)
    if refused and refused.fields:
        form.add_error(None, refused.fields)
        refused = None
    if refused:
        active = active_deployment(category)
        form = _form(request, active) if active else form
    return _page(request, category, active, form, status=status, refused=refused)


def _page(
    request: HttpRequest,
    category: Category,
    active: Deployment | None,
    form: LimitsForm | None,
    *,
    status: int = 200,
    refused: Refused | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {"category": category, "deployment": active, "form": form, "refused": refused}
    context["history"] = deployment_history(category, SHOWN)
    if active and form:
        context |= _known(category, active, form)
    return render(request, "inspections/limits.html", context, status=status)


def _known(category: Category, active: Deployment, form: LimitsForm) -> dict[str, Any]:
    """The scores of known photos, drawn and counted by the limits in force and by those of the form."""
    good, defect = test_scores(active.version)
    scores = Scores(good, defect, last_scores(category, active.version))
    groups = (
        ("good", "Good test photos", good),
        ("defect", "Defective test photos", defect),
        ("judged", f"Last {LAST:,} inspections", scores.judged),
    )
    in_force = (active.threshold, active.review_from)
    now, then = outcome(scores, *in_force), outcome(scores, *(_limits_of(form) or in_force))
    trained = active.version
    return {
        "scores": scores.as_dict(),
        "chart": chart(
            [group for group in groups if group[2]], in_force, (trained.threshold, trained.review_from)
        ),
        "rows": [(key, words, n, getattr(now, key), getattr(then, key)) for key, words, n in scores.rows()],
        "trained": trained,
    }


def _limits_of(form: LimitsForm) -> tuple[float, float | None] | None:
    """Those of a form that was sent; None if they are not valid."""
    if not form.is_bound or form.errors.keys() & {"threshold", "review_from"}:
        return None
    return form.cleaned_data["threshold"], form.cleaned_data["review_from"]
