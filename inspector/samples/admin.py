"""Samples in the admin panel."""

from typing import Any
from uuid import uuid4

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesCheckboxFilter, RelatedCheckboxFilter

from inspector.accounts.sure_panel import PanelSureForm
from inspector.categories.models import Category
from inspector.core.admin import ReadOnlyAdmin
from inspector.core.templatetags.figures import pixels
from inspector.samples.models import Sample
from inspector.samples.remove_samples import remove_samples


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
        sure = PanelSureForm(request, self.answers(request, count=chosen.count()))
        if not sure.is_valid():
            return self._ask(request, chosen, sure)
        removed = 0
        common: dict[str, Any] = {"by": request.user, "reason": sure.reason_given, "operation": uuid4()}
        for category in Category.objects.filter(samples__in=chosen).distinct():
            ids = chosen.filter(category=category).values_list("pk", flat=True)
            removed += remove_samples(category, ids, **common)
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
            count=total,
        )
