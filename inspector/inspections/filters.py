"""What the history can be narrowed by, the same for pages (in the address) and API."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.utils import extend_schema_field

from inspector.categories.models import Category
from inspector.core.fields import IdFilter
from inspector.core.jobs import State
from inspector.inspections.models import Inspection, Verdict

# Nobody cancels an inspection: that state is for trainings.
SHORT = 1000  # inspections; fewer than that are found by their time, more by their order
STATES = [(state.value, state.label) for state in State if state is not State.CANCELLED]


class MomentField(forms.Field):
    """A date, or a moment in ISO 8601; one without a zone is in the person's own."""

    default_error_messages = {
        "invalid": "“%(value)s” is not a date such as 2026-03-01 or a date and time such as "
        "2026-03-01T14:30:00Z."
    }
    widget = forms.DateInput(attrs={"type": "date"})

    def __init__(self, *, end_of_day: bool = False, **kwargs: Any) -> None:
        self.end_of_day = end_of_day
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        # In an address "+" means a space: what was sent as +02:00 arrives as " 02:00".
        text = str(value).strip().replace(" ", "+") if "T" in str(value) else str(value).strip()
        try:
            moment = self._moment(text)
            # Databases keep UTC: what has no place in it is not a moment either.
            moment = moment and moment.astimezone(UTC)
        except (ValueError, OverflowError):
            moment = None
        if moment is None:
            raise ValidationError(self.error_messages["invalid"], "invalid", {"value": value})
        return moment

    def _moment(self, text: str) -> datetime | None:
        day = parse_date(text)
        if day is not None:
            return self._of_day(day)
        moment = parse_datetime(text)
        if moment is not None and timezone.is_naive(moment):
            moment = timezone.make_aware(moment)
        return moment

    def _of_day(self, day: date) -> datetime:
        """Its start; for an end, the last moment that still belongs to the day."""
        if self.end_of_day:
            next_day = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
            return next_day - timedelta(microseconds=1)
        return timezone.make_aware(datetime.combine(day, time.min))


FORMATS = [{"type": "string", "format": kind} for kind in ("date", "date-time")]


@extend_schema_field({"oneOf": [*FORMATS, {"type": "string", "enum": [""]}]})
class MomentFilter(django_filters.Filter):
    field_class = MomentField


def within(
    rows: QuerySet[Inspection], since: datetime | None, until: datetime | None
) -> QuerySet[Inspection]:
    """Those created from `since` to `until`, at a cost that does not grow with the record.

    SQLite would go by the index on `created` and then sort all it found, which for a year is everything.
    So a short time is looked up in that index, and a long one is looked for in the order of the keys.
    """
    if since is None and until is None:
        return rows
    moments = Q()
    for name, moment in (("gte", since), ("lte", until)):
        if moment is not None:
            moments &= Q((f"moment__{name}", moment))
    found = Inspection.objects.annotate(moment=F("created")).filter(moments).order_by()
    ids = list(found.values_list("pk", flat=True)[: SHORT + 1])
    if len(ids) <= SHORT:
        return rows.filter(pk__in=ids)
    # An expression: no index is made for it, and none is tempting.
    return rows.annotate(moment=Coalesce("created", "created")).filter(moments)


class InspectionFilter(django_filters.FilterSet):
    """category (slug), verdict, state, batch (id), since and until (included; a date is the whole day)."""

    category = django_filters.ModelChoiceFilter(
        queryset=Category.objects.all(),
        to_field_name="slug",
        empty_label="All categories",
        widget=forms.Select(attrs={"data-number-keys": True}),
    )
    verdict = django_filters.ChoiceFilter(choices=Verdict.choices, empty_label="Any verdict")
    state = django_filters.ChoiceFilter(choices=STATES, empty_label="Any state")
    batch = IdFilter(field_name="batch_id")
    since = MomentFilter(field_name="created", lookup_expr="gte", label="Since")
    until = MomentFilter(field_name="created", lookup_expr="lte", label="Until", end_of_day=True)

    def filter_queryset(self, queryset: QuerySet[Inspection]) -> QuerySet[Inspection]:
        wanted = dict(self.form.cleaned_data)
        since, until = wanted.pop("since", None), wanted.pop("until", None)
        for name, value in wanted.items():
            queryset = self.filters[name].filter(queryset, value)
        return within(queryset, since, until)

    class Meta:
        model = Inspection
        fields = ["category", "verdict", "state", "batch", "since", "until"]
