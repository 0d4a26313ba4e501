"""What the history's address says, for all pages that use it."""

from collections.abc import Mapping

from django.http import HttpRequest
from django.utils.http import urlencode

from inspector.inspections.filters import InspectionFilter
from inspector.inspections.models import Inspection
from inspector.inspections.orders import BY_NAME


def filters(request: HttpRequest) -> dict[str, str]:
    """What it narrows the history by."""
    names = InspectionFilter.base_filters.keys() - {"sort"}
    return {name: text for name in names if (text := request.GET.get(name, "").strip())}


def wanted(request: HttpRequest) -> dict[str, str]:
    """With what it is sorted by, where that is not time."""
    sort = request.GET.get("sort", "")
    return filters(request) | ({"sort": sort} if sort and sort in BY_NAME else {})


def query(wanted: Mapping[str, str]) -> str:
    """What leads back to the same list, "" for the plain history."""
    return f"?{urlencode(wanted)}" if wanted else ""


def filters_in_words(wanted: Mapping[str, str]) -> list[tuple[str, str]]:
    """The filters in words: their names and what was chosen."""
    asked = InspectionFilter(dict(wanted), Inspection.objects.none())
    chosen = []
    for name, value in asked.wanted.items():
        field = asked.form.fields[name]
        choices = {} if hasattr(field, "queryset") else dict(getattr(field, "choices", []))
        text = wanted.get(name, "") if name in ("since", "until") else str(choices.get(value, value))
        chosen.append((str(asked.form[name].label), text))
    return [*chosen, *([] if asked.order.is_time else [("Sorted", asked.order.title)])]
