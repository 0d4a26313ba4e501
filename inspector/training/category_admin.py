"""Categories in the admin panel with what upper apps know of them: versions, runs, and how to retrain."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from unfold.contrib.filters.admin import RadioFilter
from unfold.decorators import action

from inspector.categories.models import Category
from inspector.core.admin import link
from inspector.registry.selectors import active_deployments, active_of
from inspector.samples.admin import CategoryAdmin as BaseCategoryAdmin
from inspector.training.archive import archive, unarchive
from inspector.training.panel_retrain import retrain_address, retrain_page

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
        return super().get_queryset(request).prefetch_related(active_deployments())

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(partial(retrain_page, self))
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
        if deployment := active_of(category):
            version = deployment.version
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
