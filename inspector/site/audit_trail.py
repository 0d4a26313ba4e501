"""The page of the audit trail: who did what, narrowed by what is in the address."""

from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from detection.files import tables
from inspector.accounts.models import User
from inspector.categories.models import Category
from inspector.core import paging, trail, trail_table
from inspector.core.events import Subject, subject_named
from inspector.core.models import Event
from inspector.core.proof import verify
from inspector.inspections.filter_kinds import MomentFilter, PeriodForm

FORMS = {
    "csv": (trail_table.as_csv, tables.CONTENT_TYPE),
    "json": (trail_table.as_json, "application/json"),
}


class SubjectField(forms.CharField):
    widget = forms.HiddenInput

    def clean(self, value: Any) -> Subject | None:
        text = super().clean(value)
        try:
            return subject_named(text) if text else None
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class AboutFilter(django_filters.Filter):
    """Everything about one thing. It narrows what `trail.events` starts from, so the view does it."""

    field_class = SubjectField

    def filter(self, qs: QuerySet[Event], value: Subject | None) -> QuerySet[Event]:
        return qs


class TrailFilter(django_filters.FilterSet):
    """about ("inspection-17"), who (a username), kind, category (a slug, or part of a name), subject (part
    of a name), since and until (included; a date is the whole day)."""

    about = AboutFilter()
    who = django_filters.ModelChoiceFilter(
        label="Who",
        field_name="actor",
        queryset=User.objects.order_by("username"),
        to_field_name="username",
        empty_label="Anybody",
        null_label="The system",
    )
    kind = django_filters.ChoiceFilter(label="Action", choices=trail.titles, empty_label="Anything")
    category = django_filters.CharFilter(label="Category", method="of_category")
    subject = django_filters.CharFilter(label="Subject", method="named")
    since = MomentFilter(field_name="time", lookup_expr="gte", label="Since")
    until = MomentFilter(field_name="time", lookup_expr="lte", label="Until", end_of_day=True)

    def named(self, rows: QuerySet[Event], name: str, text: str) -> QuerySet[Event]:
        return trail.named(rows, text)

    def of_category(self, rows: QuerySet[Event], name: str, text: str) -> QuerySet[Event]:
        categories = Category.objects.filter(Q(slug=text) | Q(name__icontains=text))
        return rows.filter(category_id__in=categories.values("pk"))

    class Meta:
        model = Event
        form = PeriodForm
        fields = ["about", "who", "kind", "category", "subject", "since", "until"]


may_view = permission_required("core.view_event", raise_exception=True)


@require_safe
@may_view
def audit_trail(request: HttpRequest) -> HttpResponse:
    """What people did, newest first."""
    filters = _filters(request)
    about = _asked_about(filters)
    narrowed = TrailFilter(filters or None, trail.events(about))
    page = paging.page(narrowed.qs, **paging.place(request))
    context: dict[str, Any] = {
        "page": page,
        "entries": trail.entries(page.rows, about),
        "about": trail.name_of(about) if about else "",
        "form": narrowed.form,
        "filters": filters,
        "query": f"?{urlencode(filters)}" if filters else "",
        "proof": verify.standing(),
        "elsewhere": "before" in request.GET or "after" in request.GET,
    }
    return render(request, "site/trail.html", context)


@require_safe
@may_view
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """What the filters leave, streamed. One that is not valid would leave too much: the page says so."""
    if form not in FORMS:
        raise Http404(f"The trail is exported as CSV or JSON, not as {form}.")
    filters = _filters(request)
    narrowed = TrailFilter(filters or None, trail.every(_asked_about(filters)))
    if narrowed.form.is_bound and narrowed.form.errors:
        return redirect(f"{reverse('site:trail')}?{urlencode(filters)}")
    write, content_type = FORMS[form]
    # Now: when the rows are read, the person's zone is no longer the current one.
    rows = write(narrowed.qs, timezone.get_current_timezone())
    name = f"audit-trail-{timezone.localdate():%Y-%m-%d}.{form}"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(rows, content_type=content_type, headers=disposition)


@require_POST
@may_view
def verify_now(request: HttpRequest) -> HttpResponse:
    """The sweep does it, within seconds: a page must not wait for a million rows."""
    verify.ask()
    messages.success(request, "The record is being verified. Open this page again in a minute.")
    return redirect("site:trail")


def _filters(request: HttpRequest) -> dict[str, str]:
    names = TrailFilter.base_filters
    return {name: value for name in names if (value := request.GET.get(name, "").strip())}


def _asked_about(filters: dict[str, str]) -> Subject | None:
    """None for what is no subject: the form says so at its field."""
    try:
        return subject_named(filters.get("about", ""))
    except ValueError:
        return None
