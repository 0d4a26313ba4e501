"""The filters of the history that are used less often: the page fetches them when they are opened."""

from collections.abc import Iterable

from django.forms import BoundField, ModelChoiceField

from inspector.inspections.filters import InspectionFilter
from inspector.inspections.parts import own_fields

ALWAYS = frozenset({"category", "verdict", "outcome", "state", "batch", "since", "until", "sort"})


def asks_for_more(names: Iterable[str]) -> bool:
    return bool(InspectionFilter.base_filters.keys() & set(names) - ALWAYS)


def more_filters(asked: InspectionFilter) -> list[BoundField]:
    """Their fields, those with choices of a category narrowed to the one that was chosen."""
    wanted = asked.wanted  # what was asked for was looked at before, with all choices
    left_out = ALWAYS if own_fields() else ALWAYS | {"part_field"}
    names = [name for name in asked.form.fields if name not in left_out]
    category = wanted.get("category")
    for name in names if category else []:
        field = asked.form.fields[name]
        choices = field.queryset if isinstance(field, ModelChoiceField) else None
        if choices is not None and hasattr(choices.model, "category"):
            field.queryset = choices.filter(category=category)
    return [asked.form[name] for name in names]
