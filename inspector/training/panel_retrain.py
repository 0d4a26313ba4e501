"""The page of the admin panel that asks how to train one category, or several: as on the site."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from inspector.categories.models import Category
from inspector.core.admin import PanelAdmin
from inspector.core.errors import Refused
from inspector.core.numbers import wholes
from inspector.training.asked import GROUPS
from inspector.training.family import to_join
from inspector.training.models import TrainingRun
from inspector.training.panel_form import PanelRetrainForm
from inspector.training.retrain_page import RECOMMENDED, RetrainPage
from inspector.training.retrain_several import SeveralPage
from inspector.training.submit import join, submit, submit_family

CHANGELIST = "admin:categories_category_changelist"


def retrain_address(*ids: Any) -> str:
    """The page that asks how these categories are to be trained."""
    return f"{reverse('admin:categories_category_retrain_page')}?ids={','.join(map(str, ids))}"


def retrain_page(panel: PanelAdmin, request: HttpRequest) -> HttpResponse:
    """What is recommended, and all options (GET); then a run for each category that can be trained (POST)."""
    if not request.user.has_perm("training.add_trainingrun"):
        raise PermissionDenied
    ids = wholes(request.GET.get("ids", "").split(","))
    chosen = list(Category.objects.filter(pk__in=ids).order_by("name"))
    if not chosen:
        messages.error(request, "Select the categories to retrain, then choose the action again.")
        return redirect(CHANGELIST)
    page = SeveralPage(chosen) if len(chosen) > 1 else RetrainPage(chosen[0])
    clicked = "recommended" in request.POST or "joins" in request.POST
    form = page.form(None if clicked else request.POST or None, PanelRetrainForm)
    if started := _started(request, chosen, form):
        for run in started:
            messages.success(request, f"{run} waits for a worker; its version will be a candidate.")
        if len(started) == 1:
            return redirect("admin:training_trainingrun_change", started[0].pk)
        return redirect("admin:training_trainingrun_changelist")
    context = page.context() | {
        "form": form,
        "advanced": form.is_bound or "advanced" in request.GET,
        "conditional": GROUPS,
        "chosen": chosen,
        "cancel": reverse(CHANGELIST) if len(chosen) > 1 else panel.address(chosen[0].pk),
    }
    return panel.page(request, "admin/training/retrain.html", _title(chosen), **context)


def _title(chosen: list[Category]) -> str:
    return f"Retrain {', '.join(map(str, chosen)) if len(chosen) < 4 else f'{len(chosen)} categories'}"


def _started(request: HttpRequest, chosen: list[Category], form: PanelRetrainForm) -> list[TrainingRun]:
    """The runs that the request started; none if it was not valid, and the messages say why."""
    by = request.user
    if "joins" in request.POST and len(chosen) == 1:
        fast = "fast" in request.POST
        return _or_why(request, lambda: join(chosen[0], to_join(request.POST["joins"]), by=by, fast=fast))
    if "recommended" in request.POST:
        return _each(request, chosen, RECOMMENDED)
    if not form.is_valid():
        return []
    if form.as_each:
        return _each(request, chosen, {})
    if form.cleaned_data.get("together"):
        return _or_why(request, lambda: submit_family(chosen, by=by, **form.asked))
    return _each(request, chosen, form.asked)


def _each(request: HttpRequest, chosen: list[Category], asked: dict[str, Any]) -> list[TrainingRun]:
    started: list[TrainingRun] = []
    for category in chosen:
        ask = partial(submit, category=category, by=request.user, **asked)
        started += _or_why(request, ask, of=f"{category}: ")
    return started


def _or_why(
    request: HttpRequest, ask: Callable[[], TrainingRun | list[TrainingRun]], of: str = ""
) -> list[TrainingRun]:
    try:
        started = ask()
        return started if isinstance(started, list) else [started]
    except Refused as refused:
        messages.error(request, f"{of}{refused.message}")
        return []
