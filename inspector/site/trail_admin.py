"""The audit trail in the admin panel."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.contrib.filters.admin import CheckboxFilter, RangeDateFilter

from inspector.core import trail
from inspector.core.admin import LINK, ReadOnlyAdmin, trail_page
from inspector.core.events import Subject, subject_named
from inspector.core.models import Event
from inspector.core.templatetags.pages import when


class KindFilter(CheckboxFilter):
    """By what was done, in words."""

    title = "what was done"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return trail.titles()

    def queryset(self, request: HttpRequest, rows: QuerySet[Event]) -> QuerySet[Event]:
        return rows.filter(kind__in=self.value()) if self.value() else rows


def asked_about(request: HttpRequest) -> Subject | None:
    """Of `?about=inspection-17`; None for what is none."""
    try:
        return subject_named(request.GET.get("about", ""))
    except ValueError:
        return None


class AboutFilter(CheckboxFilter):
    """Shown only if a link asked for everything about one thing."""

    title = "about"
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        about = asked_about(request)
        if about is None and request.GET.get(self.parameter_name):
            raise IncorrectLookupParameters
        return [(str(about), trail.name_of(about))] if about else []

    def queryset(self, request: HttpRequest, rows: QuerySet[Event]) -> QuerySet[Event]:
        return rows  # narrowed by `EventAdmin.get_queryset`


class ActorFilter(CheckboxFilter):
    """Shown only if a link asked for what one person did."""

    title = "who"
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        name = request.GET.get(self.parameter_name)
        return [(name, name)] if name else []

    def queryset(self, request: HttpRequest, rows: QuerySet[Event]) -> QuerySet[Event]:
        return rows.filter(actor__username__in=self.value()) if self.value() else rows


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """One row for what a person did, as on the site's page."""

    list_title = "Audit trail"
    list_display = ("title", "subject", "described", "by", "time")
    list_filter = (AboutFilter, ActorFilter, KindFilter, ("time", RangeDateFilter))
    sortable_by = ("time",)
    ordering = ("-pk",)
    time_words = {"time": "when"}
    search_fields = ("subject_name", "actor__username")
    search_help_text = "A category, a version or a person"
    fields = ("title", "subject", "described", "by", "time", "requests")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return trail.events(asked_about(request))

    def get_search_results(
        self, request: HttpRequest, rows: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        term = search_term.strip()
        matches = trail.named(rows, term) | rows.filter(actor__username__icontains=term)
        return (matches if term else rows), False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        shown = super().get_changelist_instance(request)
        shown.result_list = list(shown.result_list)
        entries = trail.entries(shown.result_list, asked_about(request))
        for event, entry in zip(shown.result_list, entries, strict=True):
            event.entry = entry
        return shown

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        event = super().get_object(request, object_id, from_field)
        if event:
            (event.entry,) = trail.entries([event])
        return event

    def row_title(self, event: Any) -> str:
        return f"{event.entry.title}: {event.entry.subject}"

    @admin.display(description="what was done")
    def title(self, event: Any) -> str:
        return event.entry.title

    @admin.display(description="subject")
    def subject(self, event: Any) -> str:
        entry = event.entry
        if not entry.about:
            return entry.subject
        return format_html(
            '<a class="{}" href="{}">{}</a>', LINK, trail_page(about=entry.about), entry.subject
        )

    @admin.display(description="detail")
    def described(self, event: Any) -> str:
        return " ".join(filter(None, [event.entry.detail, event.entry.why and f"Why: {event.entry.why}"]))

    @admin.display(description="who")
    def by(self, event: Event) -> str:
        return str(event.actor or "The system")

    @admin.display(description="requests")
    def requests(self, event: Any) -> str:
        """An upload comes in many; the time above is that of the first."""
        entry = event.entry
        if entry.events == 1:
            return "1"
        return format_html("{}, the last one {}", entry.events, when(entry.until))
