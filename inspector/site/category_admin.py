"""Categories in the admin panel, with what every app knows of them: samples, versions, runs."""

from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RadioFilter
from unfold.decorators import action

from inspector.accounts.sure_panel import PanelSureForm
from inspector.categories.create import create_category, describe_category, slug_of
from inspector.categories.models import Category
from inspector.core.admin import LINK, PanelAdmin, link
from inspector.core.errors import Refused
from inspector.registry.selectors import active_deployments, active_of
from inspector.samples.add_samples import add_samples
from inspector.samples.models import Split
from inspector.samples.notices import notify_added
from inspector.samples.selectors import counts
from inspector.site.archive import archive, unarchive
from inspector.site.panel_forms import CategoryForm, PhotosForm
from inspector.training.panel_retrain import retrain_address, retrain_page


class ArchivedFilter(RadioFilter):
    title = "use"
    parameter_name = "archived"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "In use"), ("yes", "Archived")]

    def queryset(self, request: HttpRequest, rows: QuerySet[Category]) -> QuerySet[Category]:
        return rows.filter(archived__isnull=self.value() == "no") if self.value() else rows


@admin.register(Category)
class CategoryAdmin(PanelAdmin):
    form = CategoryForm
    list_display = ("name", "address_shown", "active", "train_samples", "test_samples", "created", "archived")
    list_filter = (ArchivedFilter,)
    search_fields = ("name", "slug")
    search_help_text = "A name"
    nothing_yet = "A category is one kind of part. Add the first one, then photos of good parts."
    fields = ("name", "description", "address_shown", "active", "shown_samples", "created", "archived")
    readonly_fields = ("address_shown", "shown_samples", "created", "active", "archived")
    actions = ("retrain_selected",)
    actions_detail = (
        *("retrain", "add_photos", "open_samples"),
        *("archive_category", "unarchive_category", "delete_category"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        train = Count("samples", filter=Q(samples__split=Split.TRAIN))
        test = Count("samples", filter=Q(samples__split=Split.TEST))
        counted = super().get_queryset(request).annotate(train=train, test=test)
        return counted.prefetch_related(active_deployments())

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(partial(retrain_page, self))
        return [path("retrain/", page, name="categories_category_retrain_page"), *super().get_urls()]

    def get_fields(self, request: HttpRequest, obj: Category | None = None) -> tuple[str, ...]:
        if obj:
            return self.fields
        name = request.POST.get("name", "")
        return ("name", "slug", "description") if name and not slug_of(name) else ("name", "description")

    def has_delete_permission(self, *args: Any) -> bool:
        return False  # its inspections and versions are the record

    def has_add_photos_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("samples.add_sample")

    def has_retrain_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("training.add_trainingrun")

    def has_archive_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("categories.change_category")

    def has_remove_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("categories.delete_category")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only the actions that make sense for one in use, or for an archived one."""
        archived = Category.objects.filter(pk=object_id, archived__isnull=False).exists()
        useless = {"archive_category", "retrain", "add_photos"} if archived else {"unarchive_category"}
        allowed = super().get_actions_detail(request, object_id)
        return [offered for offered in allowed if offered.method.original_function_name not in useless]

    def save_model(self, request: HttpRequest, obj: Category, form: forms.ModelForm, change: bool) -> None:
        if change:
            describe_category(obj, name=obj.name, description=obj.description, by=request.user)
        else:
            made = create_category(
                obj.name, slug=obj.slug or None, description=obj.description, by=request.user
            )
            # The panel continues with `obj`: it has to be the row that was made.
            obj.__dict__.update(made.__dict__)

    @admin.display(description="page on the site", ordering="slug")
    def address_shown(self, category: Category) -> SafeString:
        return format_html('<a class="{}" href="{}">{}</a>', LINK, category.get_absolute_url(), category.slug)

    @admin.display(description="training samples", ordering="train")
    def train_samples(self, category: Category) -> int:
        return category.train  # type: ignore[attr-defined]

    @admin.display(description="test samples", ordering="test")
    def test_samples(self, category: Category) -> int:
        return category.test  # type: ignore[attr-defined]

    @admin.display(description="samples")
    def shown_samples(self, category: Category) -> str:
        return (
            ", ".join(f"{Split(row['split']).label} {row['label']}: {row['n']}" for row in counts(category))
            or "None yet"
        )

    @admin.display(description="active version")
    def active(self, category: Category) -> str:
        if deployment := active_of(category):
            version = deployment.version
            return link("admin:registry_modelversion_change", version, f"v{version.number}")
        return "None yet"

    @action(description="Samples", url_path="samples", icon="photo_library")
    def open_samples(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(f"{reverse('admin:samples_sample_changelist')}?category__id__exact={object_id}")

    @action(
        description="Add photos",
        url_path="add-photos",
        permissions=["add_photos"],
        icon="add_photo_alternate",
    )
    def add_photos(self, request: HttpRequest, object_id: str) -> HttpResponse:
        category = get_object_or_404(Category, pk=object_id)
        form = PhotosForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            photos = request.FILES.getlist("images")
            try:
                notify_added(request, add_samples(category, photos, by=request.user, **form.cleaned_data))
                return redirect(self.address(category.pk))
            except Refused as refused:
                messages.error(request, refused.message)
        cancel = self.address(category.pk)
        title = f"Add photos to {category}"
        return self.page(
            request,
            "admin/site/add_photos.html",
            title,
            form=form,
            cancel=cancel,
            most=settings.MAX_BATCH_FILES,
        )

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
        sure = PanelSureForm(request, request.POST if request.method == "POST" else None)
        if sure.is_valid():
            who_why: dict[str, Any] = {"by": request.user, "reason": sure.reason_given}
            return self.act(request, lambda: f"{archive(category, **who_why)} is archived.", then=here)
        text = f"{category} accepts no more photos and appears in no list. Its history is kept."
        return self.confirm(
            request, f"Archive {category}", text=text, button="Archive", cancel=here, form=sure
        )

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
        return redirect("categories:delete", get_object_or_404(Category, pk=object_id).slug)
