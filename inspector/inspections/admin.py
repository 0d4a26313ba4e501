"""The record in the admin panel: to view and to search; a verdict is never changed."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from unfold.contrib.filters.admin import ChoicesCheckboxFilter, RangeDateFilter, RelatedCheckboxFilter
from unfold.decorators import display

from inspector.core.admin import LINK, ReadOnlyAdmin
from inspector.core.errors import Refused
from inspector.core.jobs import State
from inspector.core.numbers import whole
from inspector.core.templatetags.figures import NONE, pixels
from inspector.core.templatetags.pages import milliseconds
from inspector.inspections.dismiss import dismiss
from inspector.inspections.models import Batch, Inspection, Verdict
from inspector.inspections.retry import retry
from inspector.inspections.templatetags.scores import scored

RESULT_COLOURS = {
    Verdict.OK.value: "success",
    Verdict.REVIEW.value: "warning",
    Verdict.ANOMALY.value: "danger",
    State.FAILED.label: "warning",
    State.WAITING.label: "info",
    State.RUNNING.label: "info",
}

HEIGHT = "height: 16rem"  # the panel's style sheet has no class for it


@admin.register(Inspection)
class InspectionAdmin(ReadOnlyAdmin):
    list_display = (
        "shown",
        "thumbnail_shown",
        "result",
        "score_shown",
        "category",
        "submitted_by",
        "created",
    )
    list_filter = (
        ("category", RelatedCheckboxFilter),
        ("verdict", ChoicesCheckboxFilter),
        ("state", ChoicesCheckboxFilter),
        ("created", RangeDateFilter),
    )
    list_select_related = ("category", "submitted_by")
    # Only columns that an index sorts: the record grows for years.
    sortable_by = ("created",)
    ordering = ("-created", "-pk")
    search_fields = ("pk",)
    nothing_yet = "Every photo inspected on the site or through the API is listed here."
    search_help_text = "A number, or the start of a photo's SHA-256"
    actions = ("retry_selected", "dismiss_selected")
    fieldsets = (
        (None, {"fields": ("result", "score_shown", "version", "took", "error", "pictures")}),
        ("Photo", {"fields": ("filename", "size", "note", "sha256", "download")}),
        ("Submission", {"fields": ("category", "batch", "submitted_by", "created", "finished", "attempts")}),
    )
    readonly_fields = (
        *("result", "score_shown", "took", "error", "pictures", "size", "download"),
        *("created", "finished", "attempts"),
    )

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("inspections.retry_inspection")

    def get_search_results(
        self, request: HttpRequest, rows: QuerySet[Inspection], search_term: str
    ) -> tuple[QuerySet[Inspection], bool]:
        term = search_term.strip().lower()
        if not term:
            return rows, False
        if len(term) < 16 and (number := whole(term)) is not None:
            return rows.filter(pk=number), False
        # A range and not LIKE: it goes by the index on every database. "g" follows every hex digit.
        return rows.filter(sha256__gte=term, sha256__lt=f"{term}g"), False

    @admin.display(description="inspection", ordering="pk")
    def shown(self, row: Inspection) -> str:
        return str(row)

    @admin.display(description="photo")
    def thumbnail_shown(self, row: Inspection) -> str:
        return _picture(row, "thumbnail", "h-10 rounded") if row.thumbnail else NONE

    @display(description="result", label=RESULT_COLOURS)
    def result(self, row: Inspection) -> str:
        return row.verdict or row.get_state_display()

    @admin.display(description="score")
    def score_shown(self, row: Inspection) -> str:
        shown = scored(row)
        return format_html('<span title="{}">{}</span>', shown.title, shown.text) if shown else "—"

    @admin.display(description="judging time")
    def took(self, row: Inspection) -> str:
        return milliseconds(row.milliseconds)

    @admin.display(description="error")
    def error(self, row: Inspection) -> str:
        return f"{row.error_message} ({row.error_code})" if row.error_code else NONE

    @admin.display(description="pictures")
    def pictures(self, row: Inspection) -> str:
        """The photo, the heatmap over it and the reconstruction; nothing but the photo where it failed."""
        if not row.preview:
            return NONE
        photo = _picture(row, "preview", "rounded", HEIGHT)
        shown = [photo]
        if row.heatmap:
            layer = _picture(row, "heatmap", "absolute h-full inset-0 rounded w-full")
            shown.append(format_html('<span class="relative">{}{}</span>', photo, layer))
        if row.reconstruction:
            shown.append(_picture(row, "reconstruction", "rounded", HEIGHT))
        parts = format_html_join("", "{}", ((part,) for part in shown))
        return format_html('<span class="flex flex-wrap gap-4">{}</span>', parts)

    @admin.display(description="original")
    def download(self, row: Inspection) -> str:
        address = reverse("inspections:picture", args=[row.pk, "original"])
        return format_html('<a href="{}?download" class="{}">Download the photo</a>', address, LINK)

    @admin.display(description="size")
    def size(self, row: Inspection) -> str:
        return f"{pixels(row.width, row.height)}, {filesizeformat(row.bytes)}"

    @admin.action(description="Retry failed inspections", permissions=["retry"])
    def retry_selected(self, request: HttpRequest, chosen: QuerySet[Inspection]) -> None:
        done = self._each_failed(request, chosen, retry)
        wait = f"{done} of the selected inspections {'waits' if done == 1 else 'wait'}"
        self.message_user(request, f"{wait} for a verdict again.")

    @admin.action(description="Remove failed inspections from the list", permissions=["retry"])
    def dismiss_selected(self, request: HttpRequest, chosen: QuerySet[Inspection]) -> None:
        done = self._each_failed(request, chosen.filter(dismissed=None), dismiss)
        removed = f"{done} of the selected inspections {'was' if done == 1 else 'were'} removed from the list"
        self.message_user(request, f"{removed}. The record is kept.")

    def _each_failed(
        self, request: HttpRequest, chosen: QuerySet[Inspection], verb: Callable[..., Inspection]
    ) -> int:
        done, operation = 0, uuid4()
        for row in chosen.filter(state=State.FAILED).select_related("category"):
            try:
                verb(row, by=request.user, operation=operation)
                done += 1
            except Refused as refused:
                self.message_user(request, f"{row}: {refused.message}", level="error")
        return done


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    nothing_yet = "Photos sent together form one batch."
    list_display = ("__str__", "category", "photos", "source", "submitted_by", "created")
    list_filter = (
        ("category", RelatedCheckboxFilter),
        ("source", ChoicesCheckboxFilter),
        ("created", RangeDateFilter),
    )
    list_select_related = ("category", "submitted_by")
    sortable_by = ("__str__",)
    ordering = ("-pk",)
    fields = ("category", "photos", "source", "submitted_by", "created")
    readonly_fields = ("photos", "created")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        own = Inspection.objects.filter(batch=OuterRef("pk")).order_by().values("batch")
        return super().get_queryset(request).annotate(n=Coalesce(Subquery(own.values(n=Count("pk"))), 0))

    @admin.display(description="photos")
    def photos(self, batch: Any) -> int:
        return batch.n


def _picture(row: Inspection, kind: str, classes: str, style: str = "") -> str:
    address = reverse("inspections:picture", args=[row.pk, kind])
    markup = '<img src="{}" alt="{}" class="{}" style="{}" loading="lazy">'
    return format_html(markup, address, kind, classes, style)
