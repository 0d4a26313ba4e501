"""What every page of the admin panel shares, and the audit trail."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.db.models import DateTimeField, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import CheckboxFilter, RangeDateFilter

from inspector.core import trail
from inspector.core.errors import Refused
from inspector.core.fields import is_key
from inspector.core.models import AuditEvent
from inspector.core.panel_pages import MOST, CappedPaginator
from inspector.core.templatetags.pages import when

LINK = "text-primary-600 underline dark:text-primary-400"


@cache
def moment(name: str, words: str) -> Callable[[Any], SafeString]:
    """A column or field with a time as pages of the site show it; for one name always the same."""

    @admin.display(description=words, ordering=name)
    def shown(row: Any) -> SafeString:
        return when(getattr(row, name))

    shown.__name__ = f"{name}_shown"
    return shown


TOO_MANY_CHOSEN = f"Nothing was changed: choose at most {MOST:,} at once. Filter the list first."
CSRF, CONFIRMED = "csrfmiddlewaretoken", "confirmed"


class PanelAdmin(ModelAdmin):
    """Writes go through the verbs; what those refuse is told on the page, and they keep the audit trail."""

    list_filter_submit = True
    list_per_page = 30
    show_full_result_count = False
    paginator = CappedPaginator
    time_words: dict[str, str] = {}  # what a time is called, where its field's name is not it
    nothing_yet = ""  # what to do where the list is empty

    @property
    def list_title(self) -> str:
        """What the list is called."""
        return capfirst(self.opts.verbose_name_plural)

    def row_title(self, row: Any) -> str:
        """What a row's page is called."""
        return str(row)

    def get_urls(self) -> list[URLPattern]:
        urls = super().get_urls()
        for url in urls:
            if "object_id" in url.pattern.regex.groupindex:
                url.callback = self._of_keys(url.callback)
        return urls

    def _of_keys(self, view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        """404 for what no row's key reads like; neither Django nor the panel's library look at it."""

        @wraps(view)
        def shown(request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not is_key(self.opts.pk, unquote(object_id)):
                raise Http404
            return view(request, *args, object_id=object_id, **kwargs)

        return shown

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase | None:
        form = request.POST.copy()
        ticked = form.getlist(ACTION_CHECKBOX_NAME)
        form.setlist(ACTION_CHECKBOX_NAME, [key for key in ticked if is_key(self.opts.pk, key)])
        request.POST = form  # type: ignore[assignment]
        if form.get("select_across") == "1" and self.get_changelist_instance(request).paginator.capped:
            messages.error(request, TOO_MANY_CHOSEN)
            return redirect(request.get_full_path())
        return super().response_action(request, queryset)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        return super().changelist_view(request, {"title": self.list_title, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        title = self.row_title(obj) if obj else f"Add {self.opts.verbose_name}"
        context |= {"title": title, "subtitle": None, "list_title": self.list_title}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def get_list_display(self, request: HttpRequest) -> Any:
        return self._timed(super().get_list_display(request))

    def get_sortable_by(self, request: HttpRequest) -> Any:
        return self._timed(super().get_sortable_by(request))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        sets = super().get_fieldsets(request, obj)
        return [(name, {**options, "fields": self._timed(options["fields"])}) for name, options in sets]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self._timed(super().get_readonly_fields(request, obj))

    def _timed(self, names: Any) -> tuple[Any, ...]:
        """Times as the site shows them, wherever one is a column or a field."""
        times = {f.name: str(f.verbose_name) for f in self.opts.fields if isinstance(f, DateTimeField)}
        times |= self.time_words
        return tuple(moment(name, times[name]) if name in times else name for name in names)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponseBase:
        """What happened to a row is in the audit trail."""
        row = self.get_object(request, unquote(object_id))
        query = f"?{urlencode({'q': self.row_title(row)})}" if row else ""
        return redirect(f"{reverse('admin:core_auditevent_changelist')}{query}")

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        messages.warning(request, f"There is no {opts.verbose_name} {object_id}.")
        return redirect(f"admin:{opts.app_label}_{opts.model_name}_changelist")

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
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "list_title": self.list_title}
        shared |= {"title": title}
        return TemplateResponse(request, template, shared | context)

    def confirm(
        self, request: HttpRequest, title: str, *, cancel: str, danger: bool = False, **context: Any
    ) -> TemplateResponse:
        """Ask before doing: `text`, `button`, and where there are some a `table` of headers and rows, and
        `fields` to send along. danger: what is lost cannot be had back, and the focus is on the way out."""
        looks = {"variant": "danger", "focus": "autofocus"} if danger else {}
        return self.page(request, "admin/confirm.html", title, cancel=cancel, **looks, **context)

    def sure(self, request: HttpRequest) -> bool:
        """Whether the person has said yes to `confirm_again`."""
        return CONFIRMED in request.POST

    def confirm_again(
        self, request: HttpRequest, title: str, *, cancel: str, **context: Any
    ) -> TemplateResponse:
        """Ask before a dangerous thing that a form of the panel itself asks for; yes sends it once more."""
        sent = [(name, value) for name, values in request.POST.lists() for value in values]
        fields = [*((name, value) for name, value in sent if name != CSRF), (CONFIRMED, "1")]
        return self.confirm(request, title, cancel=cancel, danger=True, fields=fields, **context)

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

    list_title = "Audit trail"
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

    def row_title(self, event: Any) -> str:
        return f"{event.entry.title}: {event.entry.what}"

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
        return format_html("{}, the last one {}", entry.events, when(entry.until))


def link(address: str, row: Any, text: str = "") -> SafeString:
    """A link to a row's page in the panel."""
    href = reverse(address, args=[row.pk])
    return format_html('<a class="{}" href="{}">{}</a>', LINK, href, text or row)
