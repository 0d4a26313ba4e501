"""What the history can be narrowed by, the same for pages (in the address) and API."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
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
DISMISSED = "dismissed"
FILTER_STATES = [*STATES, (DISMISSED, "Failed, removed")]


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
    ids = list(created_within(since, until).values_list("pk", flat=True)[: SHORT + 1])
    if len(ids) <= SHORT:
        return rows.filter(pk__in=ids)
    return hidden(rows, "created", created_range("created", since, until))


def created_within(since: datetime | None, until: datetime | None) -> QuerySet[Inspection]:
    """In no order, by the index."""
    return Inspection.objects.order_by().filter(**created_range("created", since, until))


def created_range(name: str, since: datetime | None, until: datetime | None) -> dict[str, datetime]:
    return {f"{name}__{way}": moment for way, moment in (("gte", since), ("lte", until)) if moment}


def hidden(rows: QuerySet[Inspection], name: str, wanted: Mapping[str, Any]) -> QuerySet[Inspection]:
    """Narrowed by an expression: it has no index, so none leads away from the order that is wanted."""
    rows = rows.alias(**{f"hidden_{name}": Coalesce(name, name)})
    return rows.filter(**{f"hidden_{lookup}": value for lookup, value in wanted.items()})


class InspectionFilter(django_filters.FilterSet):
    """category (slug), verdict, state, batch (id), since and until (included; a date is the whole day).

    The state "failed" is what still wants attention; "dismissed" is what a person removed from the list.
    """

    category = django_filters.ModelChoiceFilter(
        queryset=Category.objects.all(),
        to_field_name="slug",
        empty_label="All categories",
        widget=forms.Select(attrs={"data-number-keys": True}),
    )
    verdict = django_filters.ChoiceFilter(choices=Verdict.choices, empty_label="Any verdict")
    state = django_filters.ChoiceFilter(choices=FILTER_STATES, empty_label="Any state", method="of_state")
    batch = IdFilter(field_name="batch_id")
    since = MomentFilter(field_name="created", lookup_expr="gte", label="Since")
    until = MomentFilter(field_name="created", lookup_expr="lte", label="Until", end_of_day=True)

    def __init__(self, *args: Any, by_score: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_score = by_score

    def filter_queryset(self, queryset: QuerySet[Inspection]) -> QuerySet[Inspection]:
        return within(self.narrowed(queryset), *self.times)

    @property
    def wanted(self) -> dict[str, Any]:
        """What is asked for, as far as it can be read."""
        self.form.is_valid()
        return {name: value for name, value in getattr(self.form, "cleaned_data", {}).items() if value}

    @property
    def times(self) -> tuple[datetime | None, datetime | None]:
        return self.wanted.get("since"), self.wanted.get("until")

    @property
    def others(self) -> dict[str, Any]:
        """What is asked for besides the time. What has a verdict is done; saying so twice costs an index."""
        wanted = {name: value for name, value in self.wanted.items() if name not in ("since", "until")}
        if wanted.get("state") == State.DONE and "verdict" in wanted:
            del wanted["state"]
        return wanted

    def narrowed(self, rows: QuerySet[Inspection]) -> QuerySet[Inspection]:
        """By everything but the time."""
        wanted = self.others
        if self.by_score and "verdict" in wanted:
            rows = _of_verdict(rows, wanted.pop("verdict"))
        if self.by_score and wanted.get("state") == State.DONE:
            rows = hidden(rows, "state", {"state": wanted.pop("state")})
        for name, value in wanted.items():
            rows = self.filters[name].filter(rows, value)
        return rows

    def of_state(self, rows: QuerySet[Inspection], name: str, value: str) -> QuerySet[Inspection]:
        if value == DISMISSED:
            return rows.filter(state=State.FAILED, dismissed__isnull=False)
        return rows.filter(state=value, dismissed=None) if value == State.FAILED else rows.filter(state=value)

    class Meta:
        model = Inspection
        fields = ["category", "verdict", "state", "batch", "since", "until"]


def _of_verdict(rows: QuerySet[Inspection], verdict: str) -> QuerySet[Inspection]:
    """For a list sorted by score: the index on scores is entered where the verdict begins."""
    if verdict != Verdict.ANOMALY:
        rows = rows.filter(relative_score__lte=1)
    return hidden(rows, "verdict", {"verdict": verdict})
