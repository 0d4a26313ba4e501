"""What reviews add to the history."""

from collections.abc import Sequence
from typing import Any

import django_filters

from inspector.inspections import columns, filters
from inspector.inspections.filter_kinds import IdChoiceField
from inspector.inspections.models import Inspection
from inspector.reviews.models import DefectType


class DefectTypeFilter(django_filters.ModelChoiceFilter):
    """Of the newest standing review, by id. The inspection keeps the id alone."""

    field_class = IdChoiceField

    def conditions(self, value: DefectType) -> dict[str, Any]:
        return {"defect_type": value.pk}

    def filter(self, rows: Any, value: DefectType | None) -> Any:
        return rows.filter(**self.conditions(value)) if value else rows


def _names(rows: Sequence[Inspection]) -> columns.Text:
    types = DefectType.objects.in_bulk({row.defect_type for row in rows if row.defect_type})
    return lambda row: types[row.defect_type].name if row.defect_type in types else ""


def offer() -> None:
    columns.offer(columns.Column("defect_type", "Defect type", _names))
    types = DefectType.objects.select_related("category").order_by("category__name", "name")
    asked = DefectTypeFilter(
        field_name="defect_type", label="Defect type", queryset=types, empty_label="Any defect type"
    )
    filters.offer("defect_type", asked)
