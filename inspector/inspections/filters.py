"""What the history can be narrowed by, the same for pages (in the address) and API."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.utils import extend_schema_field

from inspector.categories.models import Category
from inspector.core.fields import IdFilter
from inspector.core.jobs import State
from inspector.inspections.models import Inspection, Outcome, Verdict

SHORT = 5000  # inspections; so few are looked up and sorted
# Nobody cancels an inspection: that state is for trainings.
STATES = [(state.value, state.label) for state in State if state is not State.CANCELLED]
DISMISSED = "dismissed"
BY_SCORE = "by_score"  # what rows are sorted by: the score as a multiple of the threshold
WITHOUT_SCORES = frozenset({State.WAITING.value, State.RUNNING.value, State.FAILED.value, DISMISSED})
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


def hidden(rows: QuerySet[Inspection], name: str, wanted: Any) -> QuerySet[Inspection]:
    """Narrowed by an expression: it has no index, so none leads away from the order that is wanted."""
    field, _, way = name.partition("__")
    rows = rows.alias(**{f"hidden_{field}": Coalesce(field, field)})
    return rows.filter(**{f"hidden_{field}{'__' if way else ''}{way}": wanted})


def have_scores(asked: Mapping[str, Any]) -> bool:
    """Whether those asked for have scores to be sorted by; what waits or failed has none."""
    return asked.get("state") not in WITHOUT_SCORES


class InspectionFilter(django_filters.FilterSet):
    """category (slug), verdict, outcome, state, batch (id), since, until (included; a date is the whole day).

    The state "failed" is what still wants attention; "dismissed" is what a person removed from the list.
    """

    category = django_filters.ModelChoiceFilter(
        queryset=Category.objects.all(),
        to_field_name="slug",
        empty_label="All categories",
        widget=forms.Select(attrs={"data-number-keys": True}),
    )
    verdict = django_filters.ChoiceFilter(choices=Verdict.choices, empty_label="Any verdict")
    outcome = django_filters.ChoiceFilter(choices=Outcome.choices, empty_label="Any outcome")
    state = django_filters.ChoiceFilter(choices=FILTER_STATES, empty_label="Any state", method="of_state")
    batch = IdFilter(field_name="batch_id")
    since = MomentFilter(field_name="created", lookup_expr="gte", label="Since")
    until = MomentFilter(field_name="created", lookup_expr="lte", label="Until", end_of_day=True)

    def __init__(self, *args: Any, by_score: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_score = by_score and have_scores(self.data)

    def filter_queryset(self, queryset: QuerySet[Inspection]) -> QuerySet[Inspection]:
        wanted = self.wanted
        if "verdict" in wanted and wanted.get("state", State.DONE) != State.DONE:
            return queryset.none()  # only what is done has a verdict
        narrowed = self._narrowed(queryset, wanted)
        if not self.by_score:
            return narrowed
        ranked = queryset.alias(**{BY_SCORE: F("relative_score")})
        if not wanted.keys() - {"category"}:
            return self._narrowed(ranked, wanted)
        # Few are sorted; among many, those wanted are soon met on the way down the index on scores.
        by_time = narrowed.order_by("created", "pk").values("pk")
        if by_time[SHORT : SHORT + 1].exists():
            return _down_the_scores(ranked, wanted)
        # Not by the index on scores, which would be walked to the end for the last of them.
        few = queryset.filter(pk__in=by_time[:SHORT])
        return few.alias(**{BY_SCORE: Coalesce("relative_score", "relative_score")})

    @property
    def wanted(self) -> dict[str, Any]:
        """What is asked for, as far as it can be read."""
        self.form.is_valid()
        return {name: value for name, value in getattr(self.form, "cleaned_data", {}).items() if value}

    def _narrowed(self, rows: QuerySet[Inspection], wanted: dict[str, Any]) -> QuerySet[Inspection]:
        for name, value in wanted.items():
            if name == "category" and wanted.get("state") == DISMISSED:
                # Those removed are few, and their index knows the category; that on categories leads to all.
                rows = hidden(rows, "category_id", value.pk)
            # What has a verdict is done; saying so twice costs an index.
            elif name != "state" or "verdict" not in wanted:
                rows = self.filters[name].filter(rows, value)
        return rows

    def of_state(self, rows: QuerySet[Inspection], name: str, value: str) -> QuerySet[Inspection]:
        if value == DISMISSED:
            return rows.filter(dismissed__isnull=False)
        # Only a failed one can be dismissed; that none is, is what the indexes on states cover.
        return rows.filter(state=value, dismissed=None)

    class Meta:
        model = Inspection
        fields = ["category", "verdict", "outcome", "state", "batch", "since", "until"]


def _down_the_scores(rows: QuerySet[Inspection], wanted: dict[str, Any]) -> QuerySet[Inspection]:
    """For a list sorted by score: its index is entered where the verdict or state begins."""
    if category := wanted.get("category"):
        rows = rows.filter(category=category)
    if verdict := wanted.get("verdict"):
        # Without a category there is an index on the scores of a verdict.
        rows = hidden(rows, "verdict", verdict) if category else rows.filter(verdict=verdict)
        rows = rows if verdict == Verdict.ANOMALY else rows.filter(relative_score__lte=1)
    elif state := wanted.get("state"):
        rows = hidden(rows, "state", state)
    for name, lookup in (
        ("outcome", "outcome"),
        ("batch", "batch_id"),
        ("since", "created__gte"),
        ("until", "created__lte"),
    ):
        if name in wanted:
            rows = hidden(rows, lookup, wanted[name])
    return rows
