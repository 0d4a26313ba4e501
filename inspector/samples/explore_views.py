"""Pages of explorations. Whoever may see samples may see and request them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from inspector.accounts.sure import SureForm
from inspector.categories.models import Category
from inspector.core import files
from inspector.core.numbers import wholes
from inspector.samples.exploration import ask as asking
from inspector.samples.exploration import cancel as canceling
from inspector.samples.exploration import report
from inspector.samples.models import Exploration
from inspector.samples.notices import notify_removed
from inspector.samples.remove_samples import remove_samples
from inspector.samples.selectors import counts

may_view = permission_required("samples.view_sample", raise_exception=True)
may_remove = permission_required("samples.delete_sample", raise_exception=True)
# The page listens for it, and then shows the findings.
EXPLORED = "explored"
PLOT_TYPES = {"svg": "image/svg+xml", "png": "image/png"}


@require_http_methods(["GET", "HEAD", "POST"])
@may_view
def explore(request: HttpRequest, slug: str) -> HttpResponse:
    """The page; a POST asks for a look, as the page does by itself where there is none of these samples."""
    category = get_object_or_404(Category, slug=slug)
    if request.method != "POST":
        return render(request, "samples/explore.html", _context(category))
    asking.ask(category, by=request.user)
    if request.htmx:  # type: ignore[attr-defined]
        return _progress(request, category)
    return redirect("samples:explore", slug)


def _context(category: Category) -> dict[str, Any]:
    standing = report.standing(category)
    context: dict[str, Any] = {"category": category, "standing": standing, "counts": counts(category)}
    if standing.done:
        context |= {
            "done": standing.done,
            "findings": report.findings(standing.done),
            "groups": report.groups(standing.done),
        }
    return context


@require_safe
@may_view
def progress(request: HttpRequest, slug: str) -> HttpResponse:
    return _progress(request, get_object_or_404(Category, slug=slug))


def _progress(request: HttpRequest, category: Category) -> HttpResponse:
    """How far it is; the last answer makes the page show the findings."""
    standing = report.standing(category)
    context = {"category": category, "standing": standing}
    response = render(request, "samples/explore_progress.html", context)
    return response if standing.open else trigger_client_event(response, EXPLORED)


@require_POST
@may_view
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    exploration = asking.retry(get_object_or_404(Exploration.objects.select_related("category"), pk=pk))
    return redirect("samples:explore", exploration.category.slug)


@require_POST
@may_view
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    exploration = canceling.cancel(get_object_or_404(Exploration.objects.select_related("category"), pk=pk))
    return redirect("samples:explore", exploration.category.slug)


@require_POST
@may_remove
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the ticked samples out of the category."""
    category = get_object_or_404(Category, slug=slug)
    ids = wholes(request.POST.getlist("sample"))
    sure = SureForm(request, request.POST)
    if sure.is_valid() or not ids:
        notify_removed(request, remove_samples(category, ids, by=request.user, reason=sure.reason_given))
    else:
        messages.error(request, sure.what_is_wrong)
    return redirect("samples:explore", slug)


@require_safe
@may_view
def plot(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """A plot as SVG or PNG, such as "counts.svg"; `?download` saves it."""
    exploration = get_object_or_404(Exploration.objects.select_related("category"), pk=pk)
    title, _, kind = name.rpartition(".")
    stored = exploration.plots.get(title, {}).get(kind) if kind in PLOT_TYPES else None
    if stored is None:
        raise Http404(f"{exploration} has no plot {name}.")
    return files.serve(
        request,
        stored,
        content_type=PLOT_TYPES[kind],
        filename=f"{exploration.category.slug}-{name}",
        download="download" in request.GET,
    )
