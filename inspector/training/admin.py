"""Runs in the admin panel; and the action that retrains, added to categories from here."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from unfold.contrib.filters.admin import ChoicesCheckboxFilter, RelatedCheckboxFilter
from unfold.decorators import action, display

from detection import Progress
from inspector.categories.admin import CategoryAdmin as BaseCategoryAdmin
from inspector.categories.models import Category
from inspector.core.admin import ReadOnlyAdmin, link
from inspector.core.errors import Refused
from inspector.core.jobs import OPEN, State
from inspector.registry.selectors import active_versions
from inspector.training.cancel import cancel
from inspector.training.models import TrainingRun
from inspector.training.retry import retry
from inspector.training.selectors import runs
from inspector.training.submit import submit, usual_options
from inspector.training.watch import sentence

STATE_COLOURS = {
    State.WAITING.label: "warning",
    State.RUNNING.label: "info",
    State.DONE.label: "success",
    State.FAILED.label: "danger",
}


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnlyAdmin):
    list_display = ("shown", "category", "shown_state", "bar", "requested_by", "created", "version")
    list_filter = (("category", RelatedCheckboxFilter), ("state", ChoicesCheckboxFilter))
    ordering = ("-pk",)
    actions_detail = ("cancel_run", "retry_run")
    change_form_outer_before_template = "admin/training/progress.html"
    fieldsets = (
        (None, {"fields": ("category", "shown_state", "version", "error")}),
        ("Asked for", {"fields": ("requested_by", "created", "method", "options", "data")}),
        ("Done", {"fields": ("started", "finished", "attempts")}),
    )
    readonly_fields = ("shown_state", "error", "data")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrainingRun]:
        return runs()

    def get_urls(self) -> list[URLPattern]:
        progress = self.admin_site.admin_view(self.progress)
        return [
            path("<int:pk>/progress/", progress, name="training_trainingrun_progress"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        run = runs().filter(pk=object_id).first()
        return super().change_view(request, object_id, form_url, told(run) if run else None)

    def has_cancel_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("training.cancel_trainingrun")

    def has_retry_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("training.add_trainingrun")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only what makes sense in the run's state."""
        run = runs().filter(pk=object_id).first()
        useless = set() if run is None else {"retry_run"} if run.state in OPEN else {"cancel_run"}
        if run and run.state != State.FAILED:
            useless.add("retry_run")
        allowed = super().get_actions_detail(request, object_id)
        return [found for found in allowed if found.method.original_function_name not in useless]

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The part of the run's page that asks for itself again; a run that ended reloads the page."""
        run = get_object_or_404(runs(), pk=pk)
        context = {"original": run, **told(run)}
        response = TemplateResponse(request, "admin/training/progress.html", context)
        if run.is_final:
            response["HX-Refresh"] = "true"
        return response

    @admin.display(description="run", ordering="pk")
    def shown(self, run: TrainingRun) -> str:
        return f"Run {run.pk}"

    @display(description="state", ordering="state", label=STATE_COLOURS)
    def shown_state(self, run: TrainingRun) -> str:
        return run.get_state_display()

    @admin.display(description="progress")
    def bar(self, run: TrainingRun) -> str:
        return render_to_string("admin/training/bar.html", told(run))

    @admin.display(description="error")
    def error(self, run: TrainingRun) -> str:
        return f"{run.error_message} ({run.error_code})" if run.error_code else "none"

    @admin.display(description="samples")
    def data(self, run: TrainingRun) -> str:
        return f"{len(run.snapshot.items)} samples, snapshot {run.snapshot.sha256[:12]}"

    @action(description="Cancel", url_path="cancel", permissions=["cancel"], icon="cancel")
    def cancel_run(self, request: HttpRequest, object_id: str) -> HttpResponse:
        run = get_object_or_404(runs(), pk=object_id)
        here = self.address(run.pk)
        if request.method == "POST":
            return self.act(request, lambda: cancelled(cancel(run, by=request.user)), then=here)
        text = f"{run} will be stopped and nothing it has learned is kept. The active version stays in use."
        return self.confirm(request, f"Cancel {run}", text=text, button="Cancel the run", cancel=here)

    @action(description="Retry", url_path="retry", permissions=["retry"], icon="replay")
    def retry_run(self, request: HttpRequest, object_id: str) -> HttpResponse:
        run = get_object_or_404(runs(), pk=object_id)
        here = self.address(run.pk)
        if request.method == "POST":
            return self.act(request, lambda: f"{retry(run, by=request.user)} waits for a worker.", then=here)
        text = f"{run} will be trained again from the start, on the samples it was asked for."
        return self.confirm(request, f"Retry {run}", text=text, button="Retry the run", cancel=here)


def told(run: TrainingRun) -> dict[str, Any]:
    """How far a run is, for the templates."""
    values = {name: value for name, value in run.progress.items() if name != "history"}
    words = sentence(Progress(**values)) if values else ""
    percent = 100 if run.state == State.DONE else round(100 * values.get("fraction", 0))
    return {"words": words[:1].upper() + words[1:], "percent": percent}


admin.site.unregister(Category)


@admin.register(Category)
class CategoryAdmin(BaseCategoryAdmin):
    """With what upper apps know of a category: its versions and its runs."""

    list_display = ("name", "slug", "active", "train_samples", "test_samples", "created")
    fields = ("name", "description", "slug", "active", "shown_samples", "created")
    readonly_fields = (*BaseCategoryAdmin.readonly_fields, "active")
    actions = ("retrain_selected",)
    actions_detail = ("retrain", *BaseCategoryAdmin.actions_detail)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).prefetch_related(active_versions())

    def has_retrain_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("training.add_trainingrun")

    @admin.display(description="active version")
    def active(self, category: Category) -> str:
        for version in category.active_versions:  # type: ignore[attr-defined]
            return link("admin:registry_modelversion_change", version, f"v{version.number}")
        return "none yet"

    @admin.action(description="Retrain the selected categories", permissions=["retrain"])
    def retrain_selected(self, request: HttpRequest, chosen: QuerySet[Category]) -> HttpResponse | None:
        started = []
        for category in chosen.order_by("name"):
            try:
                started.append(submit(category=category, by=request.user))
            except Refused as refused:
                messages.error(request, f"{category}: {refused.message}")
        for run in started:
            messages.success(request, f"{run} waits for a worker; its version will be a candidate.")
        if len(started) == 1:
            return redirect("admin:training_trainingrun_change", started[0].pk)
        return redirect("admin:training_trainingrun_changelist") if started else None

    @action(description="Retrain", url_path="retrain", permissions=["retrain"], icon="model_training")
    def retrain(self, request: HttpRequest, object_id: str) -> HttpResponse:
        category = get_object_or_404(Category, pk=object_id)
        here = self.address(category.pk)
        if request.method != "POST":
            return self.confirm(
                request,
                f"Retrain {category}",
                text=what_retraining_does(category),
                button=f"Retrain {category}",
                cancel=here,
            )
        try:
            run = submit(category=category, by=request.user)
        except Refused as refused:
            messages.error(request, refused.message)
            return redirect(here)
        messages.success(request, f"{run} waits for a worker; its version will be a candidate.")
        return redirect("admin:training_trainingrun_change", run.pk)


def cancelled(run: TrainingRun) -> str:
    return f"{run} is cancelled." if run.is_final else f"{run} will stop within a few seconds."


def what_retraining_does(category: Category) -> str:
    options = usual_options(category, "unet")
    told = ", ".join(f"{name} {value:g}" for name, value in options.items())
    which = f"the options of last time ({told})" if told else "the method's own options"
    return (
        f"A new version of {category} is trained on the samples as they are now, with {which}. "
        "It becomes a candidate: the active version stays in use until you promote the new one. "
        "To choose other options, press Retrain on the category's own page."
    )
