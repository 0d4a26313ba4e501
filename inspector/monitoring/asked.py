"""What a page or a program requests from Trends, by its address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.http import urlencode

from inspector.categories.models import Category
from inspector.core.errors import Refused
from inspector.core.moments import just_before
from inspector.inspections.filter_kinds import MomentField
from inspector.monitoring.periods import PER, Per, fitting, too_many

USUAL_DAYS, MOST_DAYS = 30, 800
FIRST_YEAR, LAST_YEAR = 1800, 2999
BY = (
    ("category", "Category"),
    ("version", "Version"),
    ("station", "Station"),
    ("shift", "Shift"),
    ("lot", "Lot"),
    ("person", "Person"),
)
RULES = (("western-electric", "Western Electric"), ("nelson", "Nelson"))


def _too_long(since: datetime, until: datetime) -> str:
    days = round((until - since) / timedelta(days=1))
    return f"Choose at most {MOST_DAYS} days; these are {days:,}."


def _possible(form: forms.Form, *names: str) -> None:
    """Where a period before or after still has a date."""
    for name in names:
        moment = form.cleaned_data.get(name)
        if moment and not FIRST_YEAR <= moment.year <= LAST_YEAR:
            form.add_error(name, f"Choose a date from {FIRST_YEAR} to {LAST_YEAR}.")


def _earliest_first(form: forms.Form, start: str, end: str) -> None:
    since, until = (form.cleaned_data.get(name) for name in (start, end))
    if not (since and until):
        return
    if since > until:
        form.add_error(end, "This is before the beginning.")
    elif until - since > timedelta(days=MOST_DAYS):
        form.add_error(start, _too_long(since, until))


def _with_usual(data: QueryDict) -> QueryDict:
    """Where no period is given its fields show the usual one."""
    data = data.copy()
    if not (data.get("since") or data.get("until")):
        today = timezone.localdate()
        data["until"] = today.isoformat()
        data["since"] = (today - timedelta(days=USUAL_DAYS - 1)).isoformat()
    elif not data.get("until"):
        data["until"] = timezone.localdate().isoformat()
    return data


class TrendsForm(forms.Form):
    """Everything is optional; `Asked` has the defaults."""

    category = forms.ModelChoiceField(
        Category.objects.order_by("name"), to_field_name="slug", required=False, empty_label="All categories"
    )
    since = MomentField(required=False, label="From")
    until = MomentField(required=False, label="To", end_of_day=True)
    per = forms.ChoiceField(choices=[("", "As fits"), *PER], required=False, label="One point is")
    base_since = MomentField(required=False, label="Base period from")
    base_until = MomentField(required=False, label="Base period to", end_of_day=True)
    rules = forms.ChoiceField(choices=[("", RULES[0][1]), RULES[1]], required=False, label="Rules")
    by = forms.ChoiceField(choices=[("", "As fits"), *BY], required=False, label="Compare by")

    def __init__(self, data: QueryDict) -> None:
        super().__init__(_with_usual(data))
        for name in ("category", "per", "rules", "by"):
            self.fields[name].widget.attrs["data-submits"] = True

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        _possible(self, "since", "until", "base_since", "base_until")
        _earliest_first(self, "since", "until")
        _earliest_first(self, "base_since", "base_until")
        for one, other in (("base_since", "base_until"), ("base_until", "base_since")):
            if values.get(one) and not values.get(other) and other not in self.errors:
                self.add_error(other, "Give both the beginning and the end of the base period.")
        if not self.errors:
            self._check_points(values)
        return values

    def _check_points(self, values: dict[str, Any]) -> None:
        since, until = period_of(values)
        for start, end, name in (
            (since, until, "per"),
            (values.get("base_since"), values.get("base_until"), "base_since"),
        ):
            if start and end and (words := too_many(values.get("per") or fitting(since, until), start, end)):
                self.add_error(name, words)
        if until - since > timedelta(days=MOST_DAYS):
            self.add_error("since", _too_long(since, until))
        elif since > until:
            self.add_error("since", "This is after the end.")


def period_of(values: dict[str, Any]) -> tuple[datetime, datetime]:
    """The last 30 days by default; where only one end is given, 30 days from it."""
    since, until = values.get("since"), values.get("until")
    if until is None:
        tomorrow = timezone.localdate() + timedelta(days=1)
        until = just_before(midnight(tomorrow))
    if since is None:
        day = timezone.localtime(until).date() - timedelta(days=USUAL_DAYS - 1)
        since = midnight(day)
    return since, until


def midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))


@dataclass(frozen=True, slots=True)
class Asked:
    """category: None for all. `until` is included. The base period is the whole period by default."""

    category: Category | None
    since: datetime
    until: datetime
    per: Per
    base: tuple[datetime, datetime] | None
    nelson: bool
    by: str

    @classmethod
    def of(cls, form: TrendsForm) -> Asked:
        """Of a form without errors."""
        values = form.cleaned_data
        since, until = period_of(values)
        base = (values["base_since"], values["base_until"]) if values["base_since"] else None
        return cls(
            category=values["category"],
            since=since,
            until=until,
            per=Per(values["per"]) if values["per"] else fitting(since, until),
            base=base,
            nelson=values["rules"] == "nelson",
            by=values["by"] or ("version" if values["category"] else "category"),
        )

    @classmethod
    def of_program(cls, sent: QueryDict, form_class: type[TrendsForm] = TrendsForm) -> Asked:
        """Refused "invalid_period" with fields where the form has errors."""
        form = form_class(sent)
        if not form.is_valid():
            fields = {name: [str(error) for error in errors] for name, errors in form.errors.items()}
            raise Refused("invalid_period", " ".join(next(iter(fields.values()))), fields=fields)
        return cls.of(form)

    def of_history(self, since: datetime, until: datetime, filters: dict[str, str]) -> str:
        """The query of History that shows the photos behind a mark. A year has hundreds of them."""
        wanted = {"category": self.category.slug if self.category else "", **filters}
        known = _query(tuple((name, value) for name, value in wanted.items() if value))
        # Of what a moment in ISO 8601 is made of only this sign means something else in an address.
        start, end = (moment.isoformat().replace("+", "%2B") for moment in (since, until))
        return f"{known}&since={start}&until={end}".removeprefix("&")


@lru_cache(maxsize=256)
def _query(filters: tuple[tuple[str, str], ...]) -> str:
    return urlencode(filters)
