"""What every page of the admin panel shares."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.db.models import DateTimeField, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from unfold.admin import ModelAdmin

from inspector.core.errors import Refused
from inspector.core.events import Undeclared, subject_of
from inspector.core.fields import is_key
from inspector.core.numbers import whole
from inspector.core.panel_pages import MOST, CappedPaginator, PanelList, with_all_rows
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
GONE = "Nothing was changed: what you selected is no longer there."
MORE = "Others came meanwhile: look at what is selected now."
CSRF, CONFIRMED, COUNTED = "csrfmiddlewaretoken", "confirmed", "counted"


class PanelAdmin(ModelAdmin):
    """Writes go through the verbs; the page says what those refuse, and they keep the audit trail."""

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
        """404 for what cannot be a row's key; neither Django nor the panel's library check that."""

        @wraps(view)
        def shown(request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not is_key(self.opts.pk, unquote(object_id)):
                raise Http404
            return view(request, *args, object_id=object_id, **kwargs)

        return shown

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase | None:
        form = request.POST.copy()
        ticked = form.getlist(ACTION_CHECKBOX_NAME)
        keys = [key for key in ticked if is_key(self.opts.pk, key)]
        form.setlist(ACTION_CHECKBOX_NAME, keys)
        request.POST = form  # type: ignore[assignment]
        across = form.get("select_across", "0") not in ("", "0")
        if across and self.get_changelist_instance(request).paginator.capped:
            messages.error(request, TOO_MANY_CHOSEN)
            return redirect(request.get_full_path())
        if (across or keys) and not (queryset if across else queryset.filter(pk__in=keys)).exists():
            messages.warning(request, GONE)
            return redirect(request.get_full_path())
        return super().response_action(request, queryset)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        answer = super().changelist_view(request, {"title": self.list_title, **(extra_context or {})})
        return with_all_rows(request, answer)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return PanelList

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        title = self.row_title(obj) if obj else f"Add {self.opts.verbose_name}"
        context |= {"title": title, "subtitle": None, "list_title": self.list_title}
        context["trail"] = self._trail_of(obj) if obj else ""
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
        if row is None:
            return redirect("admin:core_event_changelist")
        return redirect(self._trail_of(row) or trail_page(q=self.row_title(row)))

    def _trail_of(self, row: Any) -> str:
        """The address of everything about a row; empty for what no event is about."""
        try:
            return trail_page(about=subject_of(row))
        except Undeclared:
            return ""

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
        """Do it, say what was done or why not, and redirect to the address `then`."""
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
        `fields` to send along, and a `form` to fill in. danger: what is lost cannot be recovered, and the
        focus is on the way out."""
        looks = {"variant": "danger", "focus": "autofocus"} if danger else {}
        return self.page(request, "admin/confirm.html", title, cancel=cancel, **looks, **context)

    def sure(self, request: HttpRequest) -> bool:
        """Whether the person has said yes to `confirm_again`."""
        return CONFIRMED in request.POST

    def answers(self, request: HttpRequest, *, count: int = 0) -> QueryDict | None:
        """To the questions of `confirm_again`; None where the person has not seen them yet, or has seen fewer
        than these `count` rows."""
        if not self.sure(request):
            return None
        seen = whole(request.POST.get(COUNTED))
        if seen is not None and seen < count:
            messages.warning(request, MORE)
            return None
        return request.POST

    def confirm_again(
        self,
        request: HttpRequest,
        title: str,
        *,
        cancel: str,
        form: Any = None,
        count: int = 0,
        **context: Any,
    ) -> TemplateResponse:
        """Ask before a dangerous thing that a form of the panel itself asks for; yes sends it once more.

        form: what to ask besides; what was sent for its fields is not sent along (there may be a password).
        count: how many rows it is about; `answers` takes none for more of them.
        """
        asked = {CSRF, CONFIRMED, COUNTED, *(form.fields if form else ())}
        sent = [(name, value) for name, values in request.POST.lists() for value in values]
        fields = [*((name, value) for name, value in sent if name not in asked), (CONFIRMED, "1")]
        fields += [(COUNTED, str(count))] if count else []
        return self.confirm(request, title, cancel=cancel, danger=True, fields=fields, form=form, **context)

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


def trail_page(**query: Any) -> str:
    """The panel's audit trail, narrowed: `about`, `who`, or `q`, part of a name."""
    return f"{reverse('admin:core_event_changelist')}?{urlencode(query)}"


def link(address: str, row: Any, text: str = "") -> SafeString:
    """A link to a row's page in the panel."""
    href = reverse(address, args=[row.pk])
    return format_html('<a class="{}" href="{}">{}</a>', LINK, href, text or row)
