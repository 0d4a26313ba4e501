"""The page of the admin panel that asks how one category is trained, or several: as on the site."""

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
from inspector.training.models import TrainingRun
from inspector.training.panel_form import PanelRetrainForm
from inspector.training.retrain_page import RECOMMENDED, RetrainPage
from inspector.training.retrain_several import SeveralPage
from inspector.training.submit import submit

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
    recommended = "recommended" in request.POST
    form = page.form(None if recommended else request.POST or None, PanelRetrainForm)
    asked = RECOMMENDED if recommended else _asked(form)
    if asked is not None and (answer := _start(request, chosen, asked)):
        return answer
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


def _asked(form: PanelRetrainForm) -> dict[str, Any] | None:
    """For training.submit; None where the form was not sent, or not filled in well."""
    if not form.is_valid():
        return None
    return {} if form.as_each else {"method": form.cleaned_data["method"], "options": form.options()}


def _start(request: HttpRequest, chosen: list[Category], asked: dict[str, Any]) -> HttpResponse | None:
    """The page of the run, or of all runs; None where no run started: the messages say why."""
    started: list[TrainingRun] = []
    for category in chosen:
        try:
            started.append(submit(category=category, by=request.user, **asked))
        except Refused as refused:
            messages.error(request, f"{category}: {refused.message}")
    for run in started:
        messages.success(request, f"{run} waits for a worker; its version will be a candidate.")
    if len(started) == 1:
        return redirect("admin:training_trainingrun_change", started[0].pk)
    return redirect("admin:training_trainingrun_changelist") if started else None
