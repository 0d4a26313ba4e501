"""What every page of the admin panel shares, and the audit trail."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import CheckboxFilter, RangeDateFilter

from inspector.core import trail
from inspector.core.errors import Refused
from inspector.core.models import AuditEvent

admin.site.index_title = "Admin panel"


class PanelAdmin(ModelAdmin):
    """Writes go through the verbs; what those refuse is told on the page, and they keep the audit trail."""

    list_filter_submit = True
    list_per_page = 50
    show_full_result_count = False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refused as refused:
            messages.error(request, refused.message)
            return redirect(request.get_full_path())

    def act(self, request: HttpRequest, verb: Callable[[], str], *, then: str) -> HttpResponse:
        """Do it, tell what was done or why not, and go on to the address `then`."""
        try:
            messages.success(request, verb())
        except Refused as refused:
            messages.error(request, refused.message)
        return redirect(then)

    def page(self, request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
        """A page of the panel outside Django's own kinds."""
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(request, template, shared | context)

    def confirm(self, request: HttpRequest, title: str, *, cancel: str, **context: Any) -> TemplateResponse:
        """Ask before doing: `text`, `button`, and where there is one a `table` of headers and rows."""
        return self.page(request, "admin/confirm.html", title, cancel=cancel, **context)

    def address(self, pk: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[pk])

    # Django's own log would be a second, thinner record beside the audit trail.
    def log_addition(self, *args: Any) -> None: ...

    def log_change(self, *args: Any) -> None: ...

    def log_deletions(self, *args: Any) -> None: ...


class ReadOnlyAdmin(PanelAdmin):
    """To look at only; what can be done is an action."""

    def has_add_permission(self, *args: Any) -> bool:
        return False

    def has_change_permission(self, *args: Any) -> bool:
        return False

    def has_delete_permission(self, *args: Any) -> bool:
        return False


class VerbFilter(CheckboxFilter):
    """By what was done, in words."""

    title = "what was done"
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return trail.titles()

    def queryset(self, request: HttpRequest, rows: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        return rows.filter(verb__in=self.value()) if self.value() else rows


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """One row for what a person did, as on the site's page."""

    list_display = ("title", "subject", "told", "by", "when")
    list_filter = (VerbFilter, ("when", RangeDateFilter))
    sortable_by = ("when",)
    ordering = ("-pk",)
    search_fields = ("what", "who__username")
    search_help_text = "A category, a version or a person"
    fields = ("title", "subject", "told", "by", "when", "requests")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        return trail.events()

    def get_search_results(
        self, request: HttpRequest, rows: QuerySet[AuditEvent], search_term: str
    ) -> tuple[QuerySet[AuditEvent], bool]:
        term = search_term.strip()
        found = trail.about(rows, term) | rows.filter(who__username__icontains=term)
        return (found if term else rows), False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        shown = super().get_changelist_instance(request)
        shown.result_list = list(shown.result_list)
        for event, entry in zip(shown.result_list, trail.entries(shown.result_list), strict=True):
            event.entry = entry
        return shown

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        event = super().get_object(request, object_id, from_field)
        if event:
            (event.entry,) = trail.entries([event])
        return event

    @admin.display(description="what was done")
    def title(self, event: Any) -> str:
        return event.entry.title

    @admin.display(description="subject")
    def subject(self, event: Any) -> str:
        return event.entry.what

    @admin.display(description="detail")
    def told(self, event: Any) -> str:
        return event.entry.detail

    @admin.display(description="who")
    def by(self, event: AuditEvent) -> str:
        return str(event.who or "The system")

    @admin.display(description="requests")
    def requests(self, event: Any) -> str:
        """An upload comes in many; the time above is that of the first."""
        entry = event.entry
        if entry.events == 1:
            return "1"
        return f"{entry.events}, the last one on {localize(timezone.localtime(entry.until))}"


def link(address: str, row: Any, text: str = "") -> SafeString:
    """A link to a row's page in the panel."""
    href = reverse(address, args=[row.pk])
    return format_html(
        '<a class="text-primary-600 dark:text-primary-400" href="{}">{}</a>', href, text or row
    )
