"""Categories and samples in the admin panel."""

from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesCheckboxFilter, RelatedCheckboxFilter
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from inspector.accounts.sure_panel import PanelSureForm
from inspector.categories.create import checked_name, create_category, describe_category, free_slug
from inspector.categories.models import Category
from inspector.core.admin import LINK, PanelAdmin, ReadOnlyAdmin
from inspector.core.errors import Refused
from inspector.core.templatetags.figures import pixels
from inspector.samples.add_samples import add_samples
from inspector.samples.models import GOOD, Sample, Split
from inspector.samples.remove_samples import remove_samples
from inspector.samples.selectors import counts
from inspector.samples.tell import tell


class PhotosForm(forms.Form):
    """Where uploaded photos go; the photos themselves are `images`, any number of files."""

    split = forms.ChoiceField(choices=Split.choices, widget=UnfoldAdminSelectWidget())
    label = forms.CharField(
        initial=GOOD,
        widget=UnfoldAdminTextInputWidget(),
        help_text="“good”, or for test samples the kind of defect, such as “scratch”",
    )


class CategoryForm(forms.ModelForm):
    """Tells of a taken name beside the field; the verb behind it checks once more."""

    class Meta:
        model = Category
        fields = ("name", "description")

    def clean_name(self) -> str:
        try:
            name = checked_name(self.cleaned_data["name"], self.instance if self.instance.pk else None)
            if not self.instance.pk:
                free_slug(name)
        except Refused as refused:
            raise forms.ValidationError(_with_link(refused)) from None
        return name


def _with_link(refused: Refused) -> str:
    if not refused.see:
        return refused.message
    address = reverse("admin:categories_category_change", args=[refused.see.pk])
    return format_html('{} <a class="underline" href="{}">Open {}</a>', refused.message, address, refused.see)


class CategoryAdmin(PanelAdmin):
    form = CategoryForm
    list_display: tuple[str, ...] = ("name", "address_shown", "train_samples", "test_samples", "created")
    search_fields = ("name", "slug")
    fields: tuple[str, ...] = ("name", "description", "address_shown", "shown_samples", "created")
    readonly_fields: tuple[str, ...] = ("address_shown", "shown_samples", "created")
    search_help_text = "A name"
    nothing_yet = "A category is one kind of part. Add the first one, then photos of good parts."
    actions_detail: tuple[str, ...] = ("add_photos", "open_samples")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        train = Count("samples", filter=Q(samples__split=Split.TRAIN))
        test = Count("samples", filter=Q(samples__split=Split.TEST))
        return super().get_queryset(request).annotate(train=train, test=test)

    def get_fields(self, request: HttpRequest, obj: Category | None = None) -> tuple[str, ...]:
        return self.fields if obj else ("name", "description")

    def has_delete_permission(self, *args: Any) -> bool:
        return False  # its inspections and versions are the record

    def has_add_photos_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("samples.add_sample")

    def save_model(self, request: HttpRequest, obj: Category, form: forms.ModelForm, change: bool) -> None:
        if change:
            describe_category(obj, name=obj.name, description=obj.description, by=request.user)
        else:
            made = create_category(obj.name, description=obj.description, by=request.user)
            # The panel goes on with `obj`: it has to be the row that was made.
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
                tell(request, add_samples(category, photos, by=request.user, **form.cleaned_data))
                return redirect(self.address(category.pk))
            except Refused as refused:
                messages.error(request, refused.message)
        cancel = self.address(category.pk)
        title = f"Add photos to {category}"
        return self.page(
            request,
            "admin/samples/add_photos.html",
            title,
            form=form,
            cancel=cancel,
            most=settings.MAX_BATCH_FILES,
        )


admin.site.register(Category, CategoryAdmin)


@admin.register(Sample)
class SampleAdmin(ReadOnlyAdmin):
    search_help_text = "A file name, or a SHA-256"
    nothing_yet = (
        "Samples are the photos a category is trained and tested on. Add them on the category's page."
    )
    list_display = ("thumbnail", "filename", "category", "split", "label", "size", "created")
    list_display_links = ("filename",)
    list_filter = (("category", RelatedCheckboxFilter), ("split", ChoicesCheckboxFilter), "label")
    list_select_related = ("category",)
    search_fields = ("filename", "sha256")
    ordering = ("-pk",)
    actions = ("remove_selected",)
    fields = ("thumbnail", "filename", "category", "split", "label", "size", "sha256", "created")
    readonly_fields = ("thumbnail", "size")

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("samples.delete_sample")

    @admin.display(description="photo")
    def thumbnail(self, sample: Sample) -> SafeString:
        address = reverse("samples:thumbnail", args=[sample.pk])
        return format_html('<img src="{}" alt="" loading="lazy" class="h-12 rounded-default">', address)

    @admin.display(description="size")
    def size(self, sample: Sample) -> str:
        return f"{pixels(sample.width, sample.height)}, {filesizeformat(sample.bytes)}"

    @admin.action(description="Remove the selected samples from their category", permissions=["remove"])
    def remove_selected(self, request: HttpRequest, chosen: QuerySet[Sample]) -> HttpResponse | None:
        sure = PanelSureForm(request, self.answers(request))
        if not sure.is_valid():
            return self._ask(request, chosen, sure)
        removed = 0
        told: dict[str, Any] = {"by": request.user, "reason": sure.reason_given, "operation": uuid4()}
        for category in Category.objects.filter(samples__in=chosen).distinct():
            ids = chosen.filter(category=category).values_list("pk", flat=True)
            removed += remove_samples(category, ids, **told)
        were = "1 sample was" if removed == 1 else f"{removed} samples were"
        self.message_user(request, f"{were} removed. The next training will not use them.")
        return None

    def _ask(self, request: HttpRequest, chosen: QuerySet[Sample], form: PanelSureForm) -> HttpResponse:
        rows = chosen.values("category__name").annotate(n=Count("pk")).order_by("category__name")
        per_category = [[row["category__name"], row["n"]] for row in rows]
        total = sum(count for _, count in per_category)
        what = "1 sample" if total == 1 else f"{total} samples"
        return self.confirm_again(
            request,
            f"Remove {what}",
            text="The next training will not use them. Versions already trained on them stay as they are.",
            table={"headers": ["Category", "Samples to be removed"], "rows": per_category},
            button=f"Remove {what}",
            cancel=request.get_full_path(),
            form=form,
        )
