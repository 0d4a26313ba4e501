"""Pages that show one photo as several models see it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inspector.accounts.requests import PersonRequest
from inspector.core import files
from inspector.core.errors import Refused
from inspector.core.uploads import content_type_of
from inspector.trials import selectors
from inspector.trials.ask import ask, cancel
from inspector.trials.asked import of_form, of_page
from inspector.trials.models import Trial
from inspector.trials.selectors import MOST
from inspector.trials.views import sees_metrics

SHOWN = 10  # of one's own
KINDS = ("preview", "heatmap")


@require_http_methods(["GET", "HEAD", "POST"])
@sees_metrics
def new(request: PersonRequest) -> HttpResponse:
    """Which photo, and whose models."""
    offered, refused = selectors.choices(), None
    texts = request.POST.getlist("version") if request.method == "POST" else request.GET.getlist("version")
    try:
        if request.method == "POST":
            photo = request.FILES.get("photo")
            return redirect(ask(photo=photo, versions=of_form(texts), by=request.user))
        ticked = {str(version.pk) for version in of_page(request.GET, offered).versions}
    except Refused as problem:
        refused, ticked = problem, set(texts)
    context = {"offered": offered, "ticked": ticked, "most": MOST, "refused": refused}
    context["trials"] = Trial.objects.filter(requested_by=request.user)[:SHOWN]
    return render(request, "trials/new.html", context, status=refused.status if refused else 200)


@require_safe
@sees_metrics
def trial(request: PersonRequest, pk: int) -> HttpResponse:
    """What each model says; asked for by htmx, the part that changes."""
    shown = selectors.trial(pk)
    template = "trials/trial_results.html" if request.htmx else "trials/trial.html"
    return render(request, template, {"trial": shown, "judgements": selectors.judgements(shown)})


@require_safe
@sees_metrics
def picture(request: PersonRequest, pk: int, version: int, kind: str) -> HttpResponseBase:
    return picture_of(request, pk, version, kind)


def picture_of(request: HttpRequest, pk: int, version: int, kind: str) -> HttpResponseBase:
    """The photo, or its anomaly map by one version. Raises Http404."""
    row = get_object_or_404(selectors.judgements(selectors.trial(pk)), version_id=version)
    name = str(getattr(row, kind)) if kind in KINDS else ""
    if not name:
        raise Http404(f"{row} has no {kind}.")
    filename = f"trial-{pk}-{name.rpartition('/')[2]}"
    return files.serve(request, name, content_type=content_type_of(name), filename=filename)


@require_POST
@sees_metrics
def stop(request: PersonRequest, pk: int) -> HttpResponse:
    return redirect(cancel(selectors.trial(pk)))
