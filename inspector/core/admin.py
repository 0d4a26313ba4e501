"""What every page of the admin panel shares, and the audit trail."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import AllValuesCheckboxFilter, RangeDateFilter

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


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("when", "by", "verb", "what")
    list_filter = (("when", RangeDateFilter), ("verb", AllValuesCheckboxFilter))
    list_select_related = ("who",)
    search_fields = ("what", "who__username")
    fields = ("when", "by", "verb", "what", "detail")
    readonly_fields = fields

    @admin.display(description="who", ordering="who__username")
    def by(self, event: AuditEvent) -> str:
        return str(event.who) if event.who else "the system"


def link(address: str, row: Any, text: str = "") -> SafeString:
    """A link to a row's page in the panel."""
    href = reverse(address, args=[row.pk])
    return format_html(
        '<a class="text-primary-600 dark:text-primary-400" href="{}">{}</a>', href, text or row
    )
