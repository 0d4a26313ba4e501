"""Categories in the admin panel with what upper apps know of them: versions, runs, and how to retrain."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from unfold.contrib.filters.admin import RadioFilter
from unfold.decorators import action

from inspector.categories.admin import CategoryAdmin as BaseCategoryAdmin
from inspector.categories.models import Category
from inspector.categories.selectors import usual_size
from inspector.core.admin import link
from inspector.core.errors import Refused
from inspector.core.numbers import wholes
from inspector.registry.selectors import active_versions
from inspector.training.ability import ability
from inspector.training.archive import archive, unarchive
from inspector.training.asked import CONDITIONAL
from inspector.training.models import TrainingRun
from inspector.training.panel_form import PanelRetrainForm
from inspector.training.submit import submit, usual_method, usual_options

admin.site.unregister(Category)


class ArchivedFilter(RadioFilter):
    title = "use"
    parameter_name = "archived"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "In use"), ("yes", "Archived")]

    def queryset(self, request: HttpRequest, rows: QuerySet[Category]) -> QuerySet[Category]:
        return rows.filter(archived__isnull=self.value() == "no") if self.value() else rows


@admin.register(Category)
class CategoryAdmin(BaseCategoryAdmin):
    """With what upper apps know of a category: its versions and its runs."""

    list_display = ("name", "address_shown", "active", "train_samples", "test_samples", "created", "archived")
    list_filter = (ArchivedFilter,)
    fields = ("name", "description", "address_shown", "active", "shown_samples", "created", "archived")
    readonly_fields = (*BaseCategoryAdmin.readonly_fields, "active", "archived")
    actions = ("retrain_selected",)
    actions_detail = (
        "retrain",
        *BaseCategoryAdmin.actions_detail,
        "archive_category",
        "unarchive_category",
        "delete_category",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).prefetch_related(active_versions())

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.retrain_page)
        return [path("retrain/", page, name="categories_category_retrain_page"), *super().get_urls()]

    def has_retrain_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("training.add_trainingrun")

    def has_archive_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("categories.change_category")

    def has_remove_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("categories.delete_category")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only what makes sense of one in use, or of an archived one."""
        archived = Category.objects.filter(pk=object_id, archived__isnull=False).exists()
        useless = {"archive_category", "retrain", "add_photos"} if archived else {"unarchive_category"}
        allowed = super().get_actions_detail(request, object_id)
        return [found for found in allowed if found.method.original_function_name not in useless]

    @admin.display(description="active version")
    def active(self, category: Category) -> str:
        for version in category.active_versions:  # type: ignore[attr-defined]
            return link("admin:registry_modelversion_change", version, f"v{version.number}")
        return "None yet"

    @admin.action(description="Retrain the selected categories", permissions=["retrain"])
    def retrain_selected(self, request: HttpRequest, chosen: QuerySet[Category]) -> HttpResponse:
        return redirect(retrain_address(*chosen.order_by("name").values_list("pk", flat=True)))

    @action(description="Retrain", url_path="retrain", permissions=["retrain"], icon="model_training")
    def retrain(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(retrain_address(object_id))

    @action(description="Archive", url_path="archive", permissions=["archive"], icon="archive")
    def archive_category(self, request: HttpRequest, object_id: str) -> HttpResponse:
        category = get_object_or_404(Category, pk=object_id)
        here = self.address(category.pk)
        if request.method == "POST":
            return self.act(request, lambda: f"{archive(category, by=request.user)} is archived.", then=here)
        text = f"{category} accepts no more photos and appears in no list. Its history is kept."
        return self.confirm(request, f"Archive {category}", text=text, button="Archive", cancel=here)

    @action(description="Unarchive", url_path="unarchive", permissions=["archive"], icon="unarchive")
    def unarchive_category(self, request: HttpRequest, object_id: str) -> HttpResponse:
        category = get_object_or_404(Category, pk=object_id)
        here = self.address(category.pk)
        if request.method == "POST":
            return self.act(
                request, lambda: f"{unarchive(category, by=request.user)} is no longer archived.", then=here
            )
        text = f"{category} accepts photos again and appears in all lists."
        return self.confirm(request, f"Unarchive {category}", text=text, button="Unarchive", cancel=here)

    @action(description="Delete", url_path="delete-category", permissions=["remove"], icon="delete")
    def delete_category(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """By the page of the site, where its name is typed."""
        return redirect("training:delete", get_object_or_404(Category, pk=object_id).slug)

    def retrain_page(self, request: HttpRequest) -> HttpResponse:
        """By which method, with what (GET); then a run for each category that can be trained (POST)."""
        if not self.has_retrain_permission(request):
            raise PermissionDenied
        ids = wholes(request.GET.get("ids", "").split(","))
        chosen = list(Category.objects.filter(pk__in=ids).order_by("name"))
        if not chosen:
            messages.error(request, "Select the categories to retrain, then choose the action again.")
            return redirect("admin:categories_category_changelist")
        form = _form(request.POST or None, chosen)
        if form.is_valid() and (answer := self._start(request, chosen, form)):
            return answer
        names = ", ".join(str(category) for category in chosen)
        return self.page(
            request,
            "admin/training/retrain.html",
            f"Retrain {names}" if len(chosen) < 4 else f"Retrain {len(chosen)} categories",
            form=form,
            conditional=CONDITIONAL,
            chosen=chosen,
            cancel=self.address(chosen[0].pk) if len(chosen) == 1 else reverse(CHANGELIST),
        )

    def _start(
        self, request: HttpRequest, chosen: list[Category], form: PanelRetrainForm
    ) -> HttpResponse | None:
        """The page of the run, or of all runs; None, with the reasons told, where there is none."""
        started: list[TrainingRun] = []
        asked: dict[str, Any] = {}
        if not form.as_each:
            asked = {"method": form.cleaned_data["method"], "options": form.options()}
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


CHANGELIST = "admin:categories_category_changelist"


def retrain_address(*ids: Any) -> str:
    """The page that asks how these categories are to be trained."""
    return f"{reverse('admin:categories_category_retrain_page')}?ids={','.join(map(str, ids))}"


def _form(data: Any, chosen: list[Category]) -> PanelRetrainForm:
    if len(chosen) > 1:
        return PanelRetrainForm(data, several=True, able=ability())
    method = usual_method(chosen[0])
    usual, photo = usual_options(chosen[0], method), usual_size(chosen[0])
    return PanelRetrainForm(data, usual=usual, method=method, photo=photo, able=ability())
