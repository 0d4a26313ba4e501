"""Kinds of filters of the history, each of which can also say its condition without leading to an index."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, Model, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.utils import extend_schema_field

from inspector.accounts.models import User
from inspector.core.moments import just_before
from inspector.core.numbers import whole
from inspector.inspections.models import WITHOUT_SCORE, Disagreement, Inspection
from inspector.inspections.part_models import PART_LENGTH
from inspector.inspections.parts import own_fields
from inspector.registry.models import ModelVersion

# Lookups and what they are compared with.
Conditions = dict[str, Any]


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
            # Databases keep UTC: what cannot be expressed in it is not a moment either.
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
            return just_before(next_day)
        return timezone.make_aware(datetime.combine(day, time.min))


class PeriodForm(forms.Form):
    """From `since` until `until`; a period that ends before it begins has its error at its end."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", "This is before the beginning.")
        return cleaned


FORMATS = [{"type": "string", "format": kind} for kind in ("date", "date-time")]


@extend_schema_field({"oneOf": [*FORMATS, {"type": "string", "enum": [""]}]})
class MomentFilter(django_filters.Filter):
    field_class = MomentField


class NumberField(forms.FloatField):
    """A finite number between two bounds."""

    widget = forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})
    default_error_messages = {"invalid": "Enter a number such as 1.5."}


@extend_schema_field({"oneOf": [{"type": "number"}, {"type": "string", "enum": [""]}]})
class NumberFilter(django_filters.Filter):
    field_class = NumberField


class IdChoiceField(django_filters.fields.ModelChoiceField):
    """A row by its id, within the bounds of ids."""

    def to_python(self, value: Any) -> Any:
        if value not in self.empty_values and not whole(str(value).strip()):
            raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice", {"value": value})
        return super().to_python(value)


@extend_schema_field({"type": "string", "enum": ["yes", "no", ""]})
class YesNoFilter(django_filters.ChoiceFilter):
    """Whether a column has a value."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, choices=[("yes", "Yes"), ("no", "No")], **kwargs)

    def conditions(self, value: str) -> Conditions:
        return {f"{self.field_name}__isnull": value == "no"}

    def filter(self, rows: QuerySet[Inspection], value: str) -> QuerySet[Inspection]:
        return rows.filter(**self.conditions(value)) if value else rows


UNSTABLE = "unstable"


@extend_schema_field({"type": "string", "enum": [UNSTABLE, ""]})
class StabilityFilter(django_filters.ChoiceFilter):
    """Photos near a limit whose verdict slight changes of the photo change."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, choices=[(UNSTABLE, "Unstable")], **kwargs)

    def conditions(self, value: str) -> Conditions:
        return {f"{self.field_name}__lt": F("stable_of")}

    def filter(self, rows: QuerySet[Inspection], value: str) -> QuerySet[Inspection]:
        return rows.filter(Inspection.UNSTABLE) if value else rows


ANY = "any"


@extend_schema_field({"type": "string", "enum": [ANY, *Disagreement.values, ""]})
class DisagreementFilter(django_filters.ChoiceFilter):
    """One kind of disagreement, or “any”."""

    def conditions(self, value: str) -> Conditions:
        return {f"{self.field_name}__isnull": False} if value == ANY else {self.field_name: value}

    def filter(self, rows: QuerySet[Inspection], value: str) -> QuerySet[Inspection]:
        return rows.filter(**self.conditions(value)) if value else rows


class PartFilter(django_filters.CharFilter):
    """A lot, serial or station, the whole of it. Its index has those alone that have one: SQLite takes it
    where the query says the same word for word."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_length=PART_LENGTH, **kwargs)

    def filter(self, rows: QuerySet[Inspection], value: str) -> QuerySet[Inspection]:
        if not value:
            return rows
        said = {f"{self.field_name}__gt": RawSQL("''", ())}
        return rows.filter(**{str(self.field_name): value}, **said)


class OwnField(forms.CharField):
    """One of this installation's own fields of parts and its value, such as “mould_cavity=3”."""

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        name, _, wanted = text.partition("=")
        if text and (name not in own_fields() or not wanted):
            names = ", ".join(own_fields()) or "none"
            raise ValidationError(f"Write it as name=value. The fields of this installation: {names}.")
        return text


class OwnFieldFilter(django_filters.CharFilter):
    """Parts by an own field, the whole of its value."""

    field_class = OwnField

    def conditions(self, value: str) -> Conditions:
        name, _, wanted = value.partition("=")
        return {f"part_fields__{name}": wanted}

    def filter(self, rows: QuerySet[Inspection], value: str) -> QuerySet[Inspection]:
        return rows.filter(**self.conditions(value)) if value else rows


class PersonFilter(django_filters.ModelChoiceFilter):
    """By username."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        people = User.objects.order_by("username")
        super().__init__(*args, queryset=people, to_field_name="username", **kwargs)


class VersionFilter(django_filters.ModelChoiceFilter):
    """By id, as the API has it."""

    field_class = IdChoiceField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # A version's curves are kilobytes, and a list of choices shows none.
        names = ModelVersion.objects.select_related("category").only("number", "category__name")
        super().__init__(*args, queryset=names.order_by("category__name", "-pk"), **kwargs)


class OrderFilter(django_filters.ChoiceFilter):
    """What the list is sorted by: it leaves what there is."""

    def filter(self, rows: QuerySet[Inspection], value: str) -> QuerySet[Inspection]:
        return rows


def conditions(filter: django_filters.Filter, value: Any) -> Conditions:
    """What a filter asks of the columns themselves."""
    if hasattr(filter, "conditions"):
        asked: Conditions = filter.conditions(value)
        return asked
    value = value.pk if isinstance(value, Model) else value
    field = Inspection._meta.get_field(str(filter.field_name).removesuffix("_id"))
    name = getattr(field, "attname", field.name)
    way = filter.lookup_expr
    asked = {name if way == "exact" else f"{name}__{way}": value}
    # No score is not a low score.
    return asked | ({"relative_score__gt": WITHOUT_SCORE} if name == "relative_score" else {})


def hidden(rows: QuerySet[Inspection], wanted: Iterable[Conditions]) -> QuerySet[Inspection]:
    """Narrowed by expressions: they have no index, so none leads away from the order that is wanted."""
    for lookup, value in ((lookup, value) for lookups in wanted for lookup, value in lookups.items()):
        field, _, way = lookup.partition("__")
        rows = rows.alias(**{f"hidden_{field}": Coalesce(field, field)})
        rows = rows.filter(**{f"hidden_{field}{'__' if way else ''}{way}": value})
    return rows
