"""What the history can be narrowed by, the same for pages (in the address) and API.

Apps above add filters on columns that they keep here (`offer`).
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.db.models import F, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from inspector.categories.models import Category
from inspector.core.fields import IdFilter
from inspector.core.jobs import State
from inspector.inspections.filter_kinds import (
    ANY,
    Conditions,
    DisagreementFilter,
    MomentFilter,
    NumberFilter,
    OrderFilter,
    OwnFieldFilter,
    PartFilter,
    PeriodForm,
    PersonFilter,
    StabilityFilter,
    VersionFilter,
    YesNoFilter,
    conditions,
    hidden,
)
from inspector.inspections.models import Disagreement, Inspection, Outcome, Severity, Verdict
from inspector.inspections.orders import BY_NAME, DOUBT, ORDERS, SCORE, TIME, Order
from inspector.inspections.part_models import PART_LENGTH

SHORT = 5000  # inspections; so few are looked up and sorted
# Nobody cancels an inspection: that state is for trainings.
STATES = [(state.value, state.label) for state in State if state is not State.CANCELLED]
DISMISSED = "dismissed"
WITHOUT_SCORES = frozenset({State.WAITING.value, State.RUNNING.value, State.FAILED.value, DISMISSED})
FILTER_STATES = [*STATES, (DISMISSED, "Failed, removed")]
DISAGREEMENTS = [(ANY, "Any"), *Disagreement.choices]
# Ranges, and the column whose index tells how many are in them; these indexes contain no times.
RANGES = {"score": "-relative_score", "p": "p_value"}


def order_of(asked: Mapping[str, Any]) -> Order:
    """The order of the requested inspections: by time if they have no scores, or unless chosen otherwise."""
    if asked.get("state") in WITHOUT_SCORES:
        return TIME
    return BY_NAME.get(str(asked.get("sort") or ""), TIME)


class HistoryForm(PeriodForm):
    """A range that ends before it begins has its error at its end."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name in RANGES:
            low, high = cleaned.get(f"{name}_min"), cleaned.get(f"{name}_max")
            if low is not None and high is not None and low > high:
                self.add_error(f"{name}_max", f"This is lower than the lowest, {low:g}.")
        return cleaned


class InspectionFilter(django_filters.FilterSet):
    """category (slug), verdict, outcome, state, batch (id), since, until (included; a date is the whole day),
    lot, serial and station (the whole of it), part_field (name=value), reviewed, disagreement, severity,
    sent_by and decided_by (usernames), version (id), ranges of the score (as a multiple of its threshold) and
    the p-value, ends included, stability (near a limit, slight changes of the photo change the verdict), and
    sort.

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
    lot = PartFilter(field_name="lot", label="Lot")
    serial = PartFilter(field_name="serial", label="Serial")
    station = PartFilter(field_name="station", label="Station")
    part_field = OwnFieldFilter(
        label="Own field",
        max_length=2 * PART_LENGTH,
        help_text="One of this installation's own fields of parts, as name=value",
    )
    reviewed = YesNoFilter(field_name="reviewed", label="Reviewed", empty_label="Reviewed or not")
    disagreement = DisagreementFilter(
        label="Disagreement", choices=DISAGREEMENTS, empty_label="Whether or not"
    )
    severity = django_filters.ChoiceFilter(choices=Severity.choices, empty_label="Any severity")
    sent_by = PersonFilter(field_name="submitted_by", label="Sent by", empty_label="Anybody")
    decided_by = PersonFilter(field_name="decided_by", label="Decided by", empty_label="Anybody")
    version = VersionFilter(field_name="version", label="Version", empty_label="Any version")
    score_min = NumberFilter(field_name="relative_score", lookup_expr="gte", label="Score from")
    score_max = NumberFilter(field_name="relative_score", lookup_expr="lte", label="Score up to")
    p_min = NumberFilter(
        field_name="p_value", lookup_expr="gte", label="p-value from", min_value=0, max_value=1
    )
    p_max = NumberFilter(
        field_name="p_value", lookup_expr="lte", label="p-value up to", min_value=0, max_value=1
    )
    stability = StabilityFilter(field_name="stable", label="Stability", empty_label="Stable or not")
    sort = OrderFilter(
        choices=[(one.name, one.title) for one in ORDERS if one.name],
        empty_label=TIME.title,
        widget=forms.HiddenInput,
    )

    @property
    def order(self) -> Order:
        return order_of(self.data)

    def filter_queryset(self, queryset: QuerySet[Inspection]) -> QuerySet[Inspection]:
        wanted = self.wanted
        if self.none:
            return queryset.none()
        if self.few is not None:
            # By their ids alone, whatever else is asked of so few.
            return self._few_sorted(queryset.filter(pk__in=self.few), self._conditions(wanted))
        narrowed = self._narrowed(queryset, wanted)
        return narrowed if self.order.is_time else self._sorted(queryset, narrowed, wanted)

    def to_count(self, queryset: QuerySet[Inspection], most: int) -> tuple[QuerySet[Inspection], bool]:
        """All that is asked for, and whether that is all: a range that many are in is looked for among the
        newest `most` rows of the other filters, as no index knows how many are in both."""
        rows, wanted = queryset.filter(**_has_it(self.order)), self.wanted
        if self.none:
            return rows.none(), True
        if self.few is not None:
            return hidden(rows.filter(pk__in=self.few), self._conditions(wanted)), True
        if not self.ranges:
            return self._narrowed(rows, wanted), True
        others = {name: value for name, value in wanted.items() if not _is_range(name)}
        newest = self._narrowed(queryset.order_by("-created", "-pk"), others).values("pk")
        newest_in_range = hidden(rows.filter(pk__in=newest[:most]), self.ranges.values())
        return newest_in_range, not newest[most : most + 1].exists()

    @property
    def none(self) -> bool:
        """Only what is done has a verdict."""
        wanted = self.wanted
        return "verdict" in wanted and wanted.get("state", State.DONE) != State.DONE

    def _sorted(
        self, queryset: QuerySet[Inspection], narrowed: QuerySet[Inspection], wanted: dict[str, Any]
    ) -> QuerySet[Inspection]:
        order = self.order
        ranked = queryset.alias(**{order.by: F(order.column)}).filter(**_has_it(order))
        if not wanted.keys() - {"category"}:
            return self._narrowed(ranked, wanted)
        # A few are sorted; among many, the matching ones are soon met along the index of the order.
        by_time = narrowed.order_by("created", "pk").values("pk")
        if by_time[SHORT : SHORT + 1].exists():
            return self._along(ranked, wanted)
        # Not by that index, which would be read to its end for the last of them.
        return self._few_sorted(queryset.filter(pk__in=by_time[:SHORT]), [])

    def _few_sorted(self, rows: QuerySet[Inspection], asked: list[Conditions]) -> QuerySet[Inspection]:
        order = self.order
        rows = hidden(rows, [*asked, _has_it(order)])
        return rows if order.is_time else rows.alias(**{order.by: Coalesce(order.column, order.column)})

    @cached_property
    def wanted(self) -> dict[str, Any]:
        """What is requested, as far as it is valid."""
        self.form.is_valid()
        values = getattr(self.form, "cleaned_data", {}).items()
        return {name: value for name, value in values if value not in (None, "") and name != "sort"}

    @cached_property
    def ranges(self) -> dict[str, Conditions]:
        """The conditions on each column that has an index of its own, without times."""
        by_column: dict[str, Conditions] = {}
        for name, value in self.wanted.items():
            kind, _, _ = name.partition("_")
            if _is_range(name):
                by_column[kind] = by_column.get(kind, {}) | conditions(self.filters[name], value)
        return by_column

    @cached_property
    def few(self) -> list[int] | None:
        """The ids of all in a range, where they are few; None where no range leaves only few."""
        for kind, asked in self.ranges.items():
            by = RANGES[kind]
            rows = Inspection.objects.filter(**asked).order_by(by, "-pk" if by.startswith("-") else "pk")
            ids = list(rows.values_list("pk", flat=True)[: SHORT + 1])
            if len(ids) <= SHORT:
                return ids
        return None

    def _conditions(self, wanted: dict[str, Any]) -> list[Conditions]:
        return [self._condition(name, value) for name, value in wanted.items()]

    def _condition(self, name: str, value: Any) -> Conditions:
        if name != "state":
            return conditions(self.filters[name], value)
        if value == DISMISSED:
            return {"dismissed__isnull": False}
        return {"state": value, "dismissed__isnull": True}

    def _narrowed(self, rows: QuerySet[Inspection], wanted: dict[str, Any]) -> QuerySet[Inspection]:
        for name, value in wanted.items():
            if _is_range(name):
                rows = hidden(rows, [self._condition(name, value)])
            elif name == "category" and wanted.get("state") == DISMISSED:
                # Those removed are few, and their index knows the category; that on categories leads to all.
                rows = hidden(rows, [{"category_id": value.pk}])
            # What has a verdict is done; saying so twice costs an index.
            elif name != "state" or "verdict" not in wanted:
                rows = self.filters[name].filter(rows, value)
        return rows

    def of_state(self, rows: QuerySet[Inspection], name: str, value: str) -> QuerySet[Inspection]:
        if value == DISMISSED:
            return rows.filter(dismissed__isnull=False)
        # Only a failed one can be dismissed; that none is, is what the indexes on states cover.
        return rows.filter(state=value, dismissed=None)

    def _along(self, rows: QuerySet[Inspection], wanted: dict[str, Any]) -> QuerySet[Inspection]:
        """The index of the order is entered where the category, verdict or range begins."""
        left = {name: value for name, value in wanted.items() if name != "state" or "verdict" not in wanted}
        if self.order is SCORE and left.get("outcome") == Outcome.OPEN and "verdict" not in left:
            # Few are, and all ANOMALY photos stand before them. Word for word, as SQLite wants it.
            del left["outcome"]
            return hidden(rows.filter(outcome=RawSQL("'open'", ())), self._conditions(left))
        if category := left.pop("category", None):
            rows = rows.filter(category=category)
        if self.order is not SCORE:
            if "verdict" in left and not category:  # as below
                rows = rows.filter(verdict=left.pop("verdict"))
            return hidden(rows, self._conditions(left))
        if verdict := left.get("verdict"):
            if not category:  # then there is an index on the scores of a verdict
                rows = rows.filter(verdict=left.pop("verdict"))
            rows = rows if verdict == Verdict.ANOMALY else rows.filter(relative_score__lte=1)
        rows = rows.filter(**self.ranges.get("score", {}))
        return hidden(
            rows, [self._condition(name, left[name]) for name in left if not name.startswith("score_")]
        )

    class Meta:
        model = Inspection
        form = HistoryForm
        fields: list[str] = []


def offer(name: str, filter: django_filters.Filter) -> None:
    """From now on the history can be narrowed by this, too. Call it in `AppConfig.ready`."""
    filter.model = Inspection
    InspectionFilter.base_filters[name] = filter


def _is_range(name: str) -> bool:
    kind, _, end = name.partition("_")
    return kind in RANGES and end in ("min", "max")


def _has_it(order: Order) -> dict[str, Any]:
    return {"doubt__isnull": False} if order is DOUBT else {}
