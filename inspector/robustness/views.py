"""Pages of robustness: the report of a version, its table as CSV, the gate before promoting."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from detection.files import tables
from inspector.accounts.requests import PersonRequest
from inspector.categories.models import Category
from inspector.core.errors import Refused
from inspector.core.numbers import wholes
from inspector.registry.models import ModelVersion
from inspector.registry.views import version_or_404
from inspector.robustness import selectors, show
from inspector.robustness.ask import ask, cancel
from inspector.robustness.forms import GateForm, ReportForm
from inspector.robustness.gate import FIELDS, change_gate, gate_of
from inspector.robustness.models import RobustnessReport, address_of

ASKS = "robustness.add_robustnessreport"
SETS = "robustness.change_promotiongate"
sees_metrics = permission_required("registry.view_metrics", raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@sees_metrics
def report(request: PersonRequest, slug: str, number: int) -> HttpResponse:
    """How far it is, and what it says (asked for by htmx, the part that changes); POST requests another."""
    version, refused = version_or_404(slug, number), None
    form = ReportForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        if not request.user.has_perm(ASKS):
            raise PermissionDenied
        try:
            if form.is_valid():
                return redirect(ask(version, photos=form.cleaned_data["photos"], by=request.user))
        except Refused as problem:
            refused = problem
    template = "robustness/result.html" if request.htmx else "robustness/report.html"
    context = _context(version) | {"form": form, "refused": refused}
    wrong = refused.status if refused else 400 if form.errors else 200
    return render(request, template, context, status=wrong)


def _context(version: ModelVersion) -> dict[str, Any]:
    newest, done = selectors.newest(version), selectors.newest_done(version)
    shown = done.report if done else None
    return {
        "version": version,
        "category": version.category,
        "job": newest if newest != done else None,
        "done": done,
        "report": shown,
        "tables": show.tables(shown) if shown else [],
        "gate": gate_of(version.category),
    }


@require_safe
@sees_metrics
def table(request: PersonRequest, slug: str, number: int) -> HttpResponse:
    """The newest report that is done as CSV."""
    version = version_or_404(slug, number)
    name = f"{slug}-v{number}-robustness.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    rows = tables.lines(done_or_404(version).table())
    return HttpResponse(rows, content_type=tables.CONTENT_TYPE, headers=headers)


def done_or_404(version: ModelVersion) -> Any:
    done = selectors.newest_done(version)
    if done is None or done.report is None:
        raise Http404(f"There is no robustness report of {version}.")
    return done.report


@require_POST
@permission_required(ASKS, raise_exception=True)
def stop(request: PersonRequest, slug: str, number: int) -> HttpResponse:
    version = version_or_404(slug, number)
    # The one that the page showed: meanwhile somebody may have asked for another one.
    shown = selectors.reports(version).filter(pk__in=wholes(request.POST.getlist("report"))).first()
    cancel(shown or newest_or_404(version), by=request.user)
    return redirect(address_of(version))


def newest_or_404(version: ModelVersion) -> RobustnessReport:
    newest = selectors.newest(version)
    if newest is None:
        raise Http404(f"Nobody has asked for a robustness report of {version}.")
    return newest


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(SETS, raise_exception=True)
def gate(request: PersonRequest, slug: str) -> HttpResponse:
    category = get_object_or_404(Category, slug=slug)
    now = gate_of(category)
    form = GateForm(request.POST or None, initial={name: getattr(now, name) for name in FIELDS})
    if form.is_valid():
        change_gate(category, by=request.user, **form.cleaned_data)
        messages.success(request, f"Saved. It applies from the next promotion of a version of {category}.")
        return redirect("robustness:gate", category.slug)
    context = {"category": category, "form": form}
    return render(request, "robustness/gate.html", context, status=400 if form.errors else 200)
