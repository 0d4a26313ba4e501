"""The page of the audit trail: who did what, narrowed by what is in the address."""

from typing import Any

import django_filters
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from inspector.accounts.models import User
from inspector.core import paging, trail
from inspector.core.models import AuditEvent
from inspector.inspections.filters import MomentFilter


class TrailFilter(django_filters.FilterSet):
    """who (a username), verb, what (part of a name), since and until (included; a date is the whole day)."""

    who = django_filters.ModelChoiceFilter(
        label="Who",
        queryset=User.objects.order_by("username"),
        to_field_name="username",
        empty_label="Anybody",
        null_label="The system",
    )
    verb = django_filters.ChoiceFilter(label="Action", choices=trail.titles, empty_label="Anything")
    what = django_filters.CharFilter(label="Subject", method="about")
    since = MomentFilter(field_name="when", lookup_expr="gte", label="Since")
    until = MomentFilter(field_name="when", lookup_expr="lte", label="Until", end_of_day=True)

    def about(self, rows: QuerySet[AuditEvent], name: str, text: str) -> QuerySet[AuditEvent]:
        return trail.about(rows, text)

    class Meta:
        model = AuditEvent
        fields = ["who", "verb", "what", "since", "until"]


@require_safe
@permission_required("core.view_auditevent", raise_exception=True)
def audit_trail(request: HttpRequest) -> HttpResponse:
    """What people did, newest first."""
    names = TrailFilter.base_filters
    filters = {name: value for name in names if (value := request.GET.get(name, "").strip())}
    narrowed = TrailFilter(filters or None, trail.events())
    page = paging.page(narrowed.qs, **paging.place(request))
    context: dict[str, Any] = {
        "page": page,
        "entries": trail.entries(page.rows),
        "form": narrowed.form,
        "filters": filters,
        "query": f"?{urlencode(filters)}" if filters else "",
        "elsewhere": "before" in request.GET or "after" in request.GET,
    }
    return render(request, "dashboard/trail.html", context)
