"""Pages of trainings: ask for one, watch it, stop it. Fragments that are final do not poll."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from inspector.accounts.selectors import person_of
from inspector.categories.models import Category
from inspector.core.errors import Refused
from inspector.core.numbers import wholes
from inspector.registry.selectors import active_version
from inspector.training import cancel as canceling
from inspector.training import panels
from inspector.training import retry as retrying
from inspector.training import submit as submitting
from inspector.training.family import BY_ITSELF, others_in_words, to_join, with_family
from inspector.training.forms import RetrainForm
from inspector.training.models import TrainingRun
from inspector.training.retrain_page import RECOMMENDED, RetrainPage
from inspector.training.selectors import open_runs, runs

may_view = permission_required("training.view_trainingrun", raise_exception=True)
may_train = permission_required("training.add_trainingrun", raise_exception=True)
may_cancel = permission_required("training.cancel_trainingrun", raise_exception=True)
# Heard by every part of a page that shows what a training changes; see the templates' hx-trigger.
ENDED = "run-ended"


@require_http_methods(["GET", "HEAD", "POST"])
@may_train
def retrain(request: HttpRequest, slug: str) -> HttpResponse:
    """What is recommended, and a form for everything else; the result is a run to watch, or why there is
    none."""
    category = get_object_or_404(Category, slug=slug)
    by, page = person_of(request), RetrainPage(category)
    clicked = "recommended" in request.POST or "joins" in request.POST
    form = page.form(None if clicked else request.POST or None, RetrainForm)
    refused = None
    try:
        if "joins" in request.POST:
            joined = to_join(request.POST["joins"])
            return redirect(submitting.join(category, joined, by=by, fast="fast" in request.POST))
        if "recommended" in request.POST:
            return redirect(submitting.submit(category=category, by=by, **RECOMMENDED))
        if form.is_valid():
            return redirect(submitting.submit(category=category, by=by, **form.asked))
    except Refused as problem:
        refused = problem
    advanced = bool(form.errors) or (refused is not None and not clicked) or "advanced" in request.GET
    context = page.context() | {"form": form, "refused": refused, "advanced": advanced}
    status = refused.status if refused else 400 if form.errors else 200
    return render(request, "training/retrain.html", context, status=status)


@require_safe
@may_view
def run(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "training/run.html", _context(pk))


@require_safe
@may_view
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    context = _context(pk)
    response = render(request, "training/progress.html", context)
    return trigger_client_event(response, ENDED) if context["run"].is_final else response


def _context(pk: int) -> dict[str, Any]:
    run = get_object_or_404(runs().select_related("snapshot", "joins__category"), pk=pk)
    family = list(with_family(run))
    ahead = open_runs().filter(BY_ITSELF, pk__lt=family[0].pk).count() if not run.is_final else 0
    others = [one for one in family if one != run]
    # For the question whether to cancel it.
    also = others_in_words(others, "ends with it", "end with it")
    context = {"run": run, "others": others, "also": also, "ahead": ahead}
    return context | {"active": active_version(run.category)}


@require_POST
@may_cancel
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    run = canceling.cancel(get_object_or_404(TrainingRun, pk=pk), by=request.user)
    words = "is cancelled" if run.is_final else "is being stopped and will end within a few seconds"
    messages.success(request, f"{run} {words}.")
    return redirect(run)


@require_POST
@may_train
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    run = retrying.retry(get_object_or_404(TrainingRun, pk=pk), by=request.user)
    messages.success(request, f"{run} is waiting for a train worker again.")
    return redirect(run)


@require_safe
@may_view
def all_open(request: HttpRequest) -> HttpResponse:
    """Every run under way, for the first page and the table of categories."""
    open_now = list(open_runs())
    response = render(request, "training/open_runs.html", {"runs": open_now})
    return _trigger_if_ended(request, response, [run.pk for run in open_now])


@require_safe
@may_view
def of_category(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest runs of one category, for its page."""
    category = get_object_or_404(Category, slug=slug)
    latest = panels.latest(category)
    response = render(request, "training/latest_runs.html", {"category": category, "latest": latest})
    return _trigger_if_ended(request, response, latest["watching"])


def _trigger_if_ended(request: HttpRequest, response: HttpResponse, still_open: list[int]) -> HttpResponse:
    """The page says which runs it watches; when one of them is over, its other parts want to know."""
    watched = set(wholes(request.GET.get("watching", "").split(",")))
    return response if watched <= set(still_open) else trigger_client_event(response, ENDED)
