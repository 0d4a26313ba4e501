"""Runs in the admin panel."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from unfold.contrib.filters.admin import ChoicesCheckboxFilter, RelatedCheckboxFilter
from unfold.decorators import action, display

from inspector.core.admin import ReadOnlyAdmin
from inspector.core.jobs import OPEN, State
from inspector.core.templatetags.figures import NONE
from inspector.registry.methods import title
from inspector.training.cancel import cancel
from inspector.training.family import others_in_words, with_family
from inspector.training.models import TrainingRun
from inspector.training.panels import learned_from, options_in_words
from inspector.training.retry import retry
from inspector.training.selectors import runs

STATE_COLOURS = {
    State.WAITING.label: "warning",
    State.RUNNING.label: "info",
    State.DONE.label: "success",
    State.FAILED.label: "danger",
}


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnlyAdmin):
    list_display = ("shown", "category", "shown_state", "bar", "by", "created", "version")
    list_filter = (("category", RelatedCheckboxFilter), ("state", ChoicesCheckboxFilter))
    ordering = ("-pk",)
    actions_detail = ("cancel_run", "retry_run")
    change_form_outer_before_template = "admin/training/progress.html"
    fieldsets = (
        (None, {"fields": ("category", "shown_state", "version", "error")}),
        ("Requested", {"fields": ("by", "created", "shown_method", "asked", "data")}),
        ("Execution", {"fields": ("started", "finished", "attempts")}),
    )
    if_failed = (("Technical details", {"fields": ("error_details",), "classes": ["collapse"]}),)
    readonly_fields = ("shown_state", "shown_method", "asked", "by", "error", "data", "error_details")
    nothing_yet = "Select categories in the list and choose Retrain, or retrain one on its page."

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrainingRun]:
        return runs()

    def get_fieldsets(self, request: HttpRequest, obj: TrainingRun | None = None) -> Any:
        return (*self.fieldsets, *(self.if_failed if obj and obj.error_details else ()))

    def get_urls(self) -> list[URLPattern]:
        progress = self.admin_site.admin_view(self.progress)
        return [
            path("<id:pk>/progress/", progress, name="training_trainingrun_progress"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponseBase:
        run = runs().filter(pk=object_id).first()
        return super().change_view(request, object_id, form_url, progress_context(run) if run else None)

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
        return [offered for offered in allowed if offered.method.original_function_name not in useless]

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The part of the run's page that asks for itself again; a run that ended reloads the page."""
        run = get_object_or_404(runs(), pk=pk)
        context = {"original": run, **progress_context(run)}
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

    @admin.display(description="requested by", ordering="requested_by__username")
    def by(self, run: TrainingRun) -> str:
        return str(run.requested_by or "The system")

    @admin.display(description="progress")
    def bar(self, run: TrainingRun) -> str:
        return render_to_string("admin/training/bar.html", progress_context(run))

    @admin.display(description="method", ordering="method")
    def shown_method(self, run: TrainingRun) -> str:
        return title(run.method)

    @admin.display(description="options")
    def asked(self, run: TrainingRun) -> str:
        if run.joins_name:
            return f"Joins {run.joins_name}, without a training"
        described = options_in_words(run.options, run.method)
        if run.lead_id or run.along.exists():
            others = ", ".join(str(one.category) for one in _others(run))
            described = [("One model with", others), *described]
        if run.fast:
            described = [("Quick draft", "asked for"), *described]
        return "; ".join(f"{name}: {value}" for name, value in described) or "The method's default"

    @admin.display(description="error")
    def error(self, run: TrainingRun) -> str:
        return f"{run.error_message} ({run.error_code})" if run.error_code else NONE

    @admin.display(description="samples")
    def data(self, run: TrainingRun) -> str:
        return f"{learned_from(run.snapshot)}; snapshot {run.snapshot.sha256[:12]}"

    @action(description="Cancel", url_path="cancel", permissions=["cancel"], icon="cancel")
    def cancel_run(self, request: HttpRequest, object_id: str) -> HttpResponse:
        run = get_object_or_404(runs(), pk=object_id)
        here = self.address(run.pk)
        if request.method == "POST":
            return self.act(request, lambda: cancelled(cancel(run, by=request.user)), then=here)
        also = others_in_words(_others(run), "ends with it", "end with it")
        text = f"{run} will be stopped and what it has learned is lost. {also}"
        text += "The active version is not affected."
        return self.confirm(
            request, f"Cancel {run}", text=text, button="Cancel the run", cancel=here, danger=True
        )

    @action(description="Retry", url_path="retry", permissions=["retry"], icon="replay")
    def retry_run(self, request: HttpRequest, object_id: str) -> HttpResponse:
        run = get_object_or_404(runs(), pk=object_id)
        here = self.address(run.pk)
        if request.method == "POST":
            return self.act(request, lambda: f"{retry(run, by=request.user)} waits for a worker.", then=here)
        also = others_in_words(_others(run), "is trained with it", "are trained with it")
        text = f"{run} will be trained again from the start, on the same samples. {also}"
        return self.confirm(request, f"Retry {run}", text=text, button="Retry the run", cancel=here)


def _others(run: TrainingRun) -> list[TrainingRun]:
    """Those that are trained together with it."""
    return [one for one in with_family(run) if one != run]


def progress_context(run: TrainingRun) -> dict[str, Any]:
    """How far a run is, for the templates."""
    words = run.how_far.sentence
    percent = 100 if run.state == State.DONE else round(100 * (run.how_far.fraction or 0))
    return {"words": words[:1].upper() + words[1:], "percent": percent}


def cancelled(run: TrainingRun) -> str:
    return f"{run} is cancelled." if run.is_final else f"{run} will stop within a few seconds."
