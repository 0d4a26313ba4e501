"""Model versions in the admin panel: compare, promote, roll back."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import CheckboxFilter, RelatedCheckboxFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldBooleanSwitchWidget

from inspector.accounts.sure_panel import PanelAsksWhy
from inspector.core.admin import ReadOnlyAdmin, link
from inspector.core.templatetags.figures import NONE, metric, small
from inspector.core.templatetags.pages import when
from inspector.registry.compare import compare
from inspector.registry.deploy import Limits, limits_to_begin_with
from inspector.registry.forms import PromoteForm
from inspector.registry.limits import beside, limits
from inspector.registry.methods import title
from inspector.registry.metrics import figures
from inspector.registry.models import ModelVersion, Standing
from inspector.registry.pairs import paired
from inspector.registry.promote import is_rollback, objections_to, promote
from inspector.registry.selectors import active_deployment, active_version, versions
from inspector.registry.set_limits import BY_HAND

METRICS = {"image_auroc": "Image AUROC", "f1": "F1", "precision": "Precision", "recall": "Recall"}
STANDING_COLOURS = {Standing.ACTIVE.label: "success", Standing.CANDIDATE.label: "info"}


class PanelPromoteForm(PanelAsksWhy, PromoteForm):
    """The same questions in the panel's fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "all_the_same" in self.fields:
            self.fields["all_the_same"].widget = UnfoldBooleanSwitchWidget()


class StandingFilter(CheckboxFilter):
    title = "standing"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Standing.choices)

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(standing__in=self.value()) if self.value() else rows


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    list_display = (
        "shown",
        "shown_standing",
        "shown_method",
        *(f"shown_{name}" for name in METRICS),
        "created",
        "by",
    )
    list_filter = (("category", RelatedCheckboxFilter), StandingFilter)
    search_fields = ("category__name", "category__slug")
    search_help_text = "A category"
    nothing_yet = "Training creates versions: retrain a category on its page."
    ordering = ("-pk",)
    actions = ("promote_selected",)
    actions_detail = ("promote_version",)
    fieldsets = (
        (None, {"fields": ("category", "number", "shown_standing", "shown_method", "created", "run")}),
        ("Metrics", {"fields": (*(f"shown_{name}" for name in METRICS), "judged_by", "shown_threshold")}),
        ("In use", {"fields": ("shown_promoted", "by", "judges")}),
        ("How it was trained", {"fields": ("config", "sha256"), "classes": ("collapse",)}),
    )
    readonly_fields = (
        "shown_standing",
        "shown_method",
        "judged_by",
        "shown_promoted",
        "by",
        "shown_threshold",
        "judges",
        "run",
        *(f"shown_{name}" for name in METRICS),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelVersion]:
        return versions().select_related("run")

    def has_promote_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("registry.promote_modelversion")

    @admin.display(description="version", ordering="category__name")
    def shown(self, version: ModelVersion) -> str:
        return str(version)

    @display(description="standing", ordering="standing", label=STANDING_COLOURS)
    def shown_standing(self, version: ModelVersion) -> str:
        return version.get_standing_display()

    @admin.display(description="method", ordering="method")
    def shown_method(self, version: ModelVersion) -> str:
        return title(version.method)

    @admin.display(description="image AUROC", ordering="image_auroc")
    def shown_image_auroc(self, version: ModelVersion) -> str:
        return metric(version.image_auroc)

    @admin.display(description="F1", ordering="f1")
    def shown_f1(self, version: ModelVersion) -> str:
        return metric(version.f1)

    @admin.display(description="precision", ordering="precision")
    def shown_precision(self, version: ModelVersion) -> str:
        return metric(version.precision)

    @admin.display(description="recall", ordering="recall")
    def shown_recall(self, version: ModelVersion) -> str:
        return metric(version.recall)

    @admin.display(description="verdicts")
    def shown_threshold(self, version: ModelVersion) -> str:
        return "; ".join(
            f"{limit.verdict} from {small(limit.begins)}"
            for limit in limits(version)
            if limit.begins is not None
        )

    @admin.display(description="judges with")
    def judges(self, version: ModelVersion) -> str:
        """May have been changed since its training."""
        at_work = active_deployment(version.category) if version.is_active else None
        return _shown(Limits.of(at_work)) if at_work else NONE

    @admin.display(description="promoted", ordering="promoted")
    def shown_promoted(self, version: ModelVersion) -> SafeString:
        return when(version.promoted)

    @admin.display(description="promoted by", ordering="promoted_by")
    def by(self, version: ModelVersion) -> str:
        return str(version.promoted_by or "The system") if version.promoted else NONE

    @admin.display(description="judged by")
    def judged_by(self, version: ModelVersion) -> str:
        return version.results.judged_by or "There were no test samples."

    @admin.display(description="run")
    def run(self, version: ModelVersion) -> str:
        run = getattr(version, "run", None)
        return link("admin:training_trainingrun_change", run) if run else NONE

    @admin.action(description="Promote (roll back to) the selected version", permissions=["promote"])
    def promote_selected(self, request: HttpRequest, chosen: QuerySet[ModelVersion]) -> HttpResponse | None:
        if chosen.count() == 1:
            return redirect("admin:registry_modelversion_promote_version", chosen.get().pk)
        self.message_user(request, "Select only one version to promote.", level="error")
        return None

    @action(description="Promote", url_path="promote", permissions=["promote"], icon="publish")
    def promote_version(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version = get_object_or_404(versions(), pk=object_id)
        here = self.address(version.pk)
        data = request.POST if request.method == "POST" else None
        former, at_work = active_version(version.category), active_deployment(version.category)
        sure = PanelPromoteForm(request, data, against=objections_to(version, former), at_work=at_work)
        if sure.is_valid():
            answers: dict[str, Any] = {"by": request.user, **sure.answers}
            return self.act(request, lambda: promoted(promote(version, **answers)), then=here)
        if former == version:
            self.message_user(request, f"{version} is already the active version.", level="warning")
            return redirect(here)
        begins_with = limits_to_begin_with(version, version.category, at_work)
        verb = "Roll back to" if is_rollback(version, former) else "Promote"
        return self.confirm(
            request,
            f"{verb} {version}",
            text=what_promoting_does(version, former, begins_with),
            table=comparison(version, former),
            button=f"{verb} {version}",
            cancel=here,
            form=sure,
        )


def promoted(version: ModelVersion) -> str:
    return f"{version} is active and judges every new photo of {version.category}."


def what_promoting_does(version: ModelVersion, former: ModelVersion | None, begins_with: Limits) -> str:
    """Its limits here may be others than those of its training, which are compared."""
    last = ", the limits it had last" if begins_with.policy == BY_HAND else ""
    replaces = f"replaces {former}" if former else "becomes its first active version"
    return (
        f"{version} will judge every new photo of {version.category} and {replaces}, "
        f"with {_shown(begins_with)}{last}. "
        "Past inspections keep the version that judged them."
    )


def _shown(limits: Limits) -> str:
    review = "" if limits.review_from is None else f" and REVIEW from {small(limits.review_from)}"
    return f"ANOMALY from {small(limits.threshold)}{review}"


def comparison(version: ModelVersion, former: ModelVersion | None) -> dict[str, Any]:
    """The metrics of both side by side, as unfold's table takes them."""
    if former is None:
        rows = [[f"{limit.verdict} from", small(limit.begins)] for limit in limits(version)]
        rows += [[figure.name, shown(figure.value, figure.span)] for figure in figures(version)]
        return {"headers": ["Metric", str(version)], "rows": rows}
    rows = [
        [f"{verdict} from", *(small(limit.begins) for limit in sides), ""]
        for verdict, sides in beside(version, former)
    ]
    rows += [
        [row.name, *(shown(side.value, side.span) for side in (row.this, row.other)), row.word]
        for row in compare(version, former, paired(version, former))
    ]
    return {"headers": ["Metric", str(version), str(former), "Compared"], "rows": rows}


def shown(value: float | None, span: str) -> str:
    """A metric with its interval."""
    return f"{metric(value)} [{span}]" if span else metric(value)
