"""Pages of a version: its report, promoting it, its plots."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inspector.accounts.sure import SureForm
from inspector.core import files
from inspector.core.errors import Conflict
from inspector.core.numbers import wholes
from inspector.registry import odd as odd_photos
from inspector.registry import promote as promoting
from inspector.registry import shown
from inspector.registry.deploy import limits_to_begin_with
from inspector.registry.forms import PromoteForm
from inspector.registry.models import ModelVersion
from inspector.registry.selectors import active_deployment, active_version
from inspector.registry.selectors import version as version_at
from inspector.samples.notices import notify_removed

may_view = permission_required("registry.view_modelversion", raise_exception=True)
PLOT_TYPES = {"svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg"}


@require_safe
@may_view
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    version = version_or_404(slug, number)
    active = None if version.is_active else active_version(version.category)
    context = shown.report(version) | shown.comparison(version, active)
    context["at_work"] = active_deployment(version.category) if version.is_active else None
    return render(request, "registry/version.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("registry.promote_modelversion", raise_exception=True)
def promote(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """First what would change (GET), then the change (POST)."""
    version = version_or_404(slug, number)
    at_work, active = active_deployment(version.category), active_version(version.category)
    against = promoting.objections_to(version, active)
    data = request.POST if request.method == "POST" else None
    sure = PromoteForm(request, data, against=against, at_work=at_work)
    status, refused = 200, None
    if sure.is_valid():
        try:
            promoting.promote(version, by=request.user, **sure.answers)
        except Conflict as problem:
            if problem.code != "changed_meanwhile":
                raise
            at_work, active = active_deployment(version.category), active_version(version.category)
            against = promoting.objections_to(version, active)
            sure = PromoteForm.again(request, at_work, against=against)
            status, refused = problem.status, problem
        else:
            messages.success(request, f"{version} now judges new photos of {version.category}.")
            return redirect(version.category)
    if version.is_active:
        return redirect(version)
    context = shown.comparison(version, active)
    context |= {
        "begins_with": limits_to_begin_with(version, version.category, at_work),
        "at_work": at_work,
        "sure": sure,
        "against": against,
        "refused": refused,
    }
    return render(request, "registry/promote.html", context, status=400 if sure.errors else status)


@require_POST
@permission_required("samples.delete_sample", raise_exception=True)
def remove_odd(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Take the ticked ones of the training photos that do not look like the rest out of the category."""
    version = version_or_404(slug, number)
    ids = wholes(request.POST.getlist("sample"))
    sure = SureForm(request, request.POST)
    if sure.is_valid() or not ids:
        removed = odd_photos.remove_odd(version, ids, by=request.user, reason=sure.reason_given)
        notify_removed(request, removed)
    else:
        messages.error(request, sure.what_is_wrong)
    return redirect(f"{version.get_absolute_url()}#odd")


@require_safe
@may_view
def plot(request: HttpRequest, slug: str, number: int, name: str) -> HttpResponseBase:
    """A plot of a version, as SVG or PNG; `?download` saves it."""
    version = version_or_404(slug, number)
    if name.rpartition(".")[0] in shown.OF_METRICS and not request.user.has_perm("registry.view_metrics"):
        raise PermissionDenied
    stored = version.plots.get(name)
    if stored is None:
        raise Http404(f"{version} has no plot {name}.")
    return files.serve(
        request,
        stored,
        content_type=PLOT_TYPES[name.rpartition(".")[2]],
        filename=f"{slug}-v{number}-{name}",
        download="download" in request.GET,
    )


def version_or_404(slug: str, number: int) -> ModelVersion:
    """One version by its address, with its category."""
    try:
        return version_at(slug, number)
    except ModelVersion.DoesNotExist:
        raise Http404(f"{slug} has no version {number}.") from None
