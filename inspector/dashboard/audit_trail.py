"""The page of the audit trail: who did what, narrowed by what is in the address."""

from typing import Any

import django_filters
from django import forms
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from inspector.accounts.models import User
from inspector.core import paging, trail
from inspector.core.events import Subject, subject_named
from inspector.core.models import Event
from inspector.inspections.filters import MomentFilter


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
    """about ("inspection-17"), who (a username), kind, subject (part of a name), since and until (included; a
    date is the whole day)."""

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
    subject = django_filters.CharFilter(label="Subject", method="named")
    since = MomentFilter(field_name="time", lookup_expr="gte", label="Since")
    until = MomentFilter(field_name="time", lookup_expr="lte", label="Until", end_of_day=True)

    def named(self, rows: QuerySet[Event], name: str, text: str) -> QuerySet[Event]:
        return trail.named(rows, text)

    class Meta:
        model = Event
        fields = ["about", "who", "kind", "subject", "since", "until"]


@require_safe
@permission_required("core.view_event", raise_exception=True)
def audit_trail(request: HttpRequest) -> HttpResponse:
    """What people did, newest first."""
    names = TrailFilter.base_filters
    filters = {name: value for name in names if (value := request.GET.get(name, "").strip())}
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
        "elsewhere": "before" in request.GET or "after" in request.GET,
    }
    return render(request, "dashboard/trail.html", context)


def _asked_about(filters: dict[str, str]) -> Subject | None:
    """What is none, the filter's form tells of."""
    try:
        return subject_named(filters.get("about", ""))
    except ValueError:
        return None
