"""Does a photo show the part of its category? If not, it gets no verdict, and a person says what to do."""

from dataclasses import dataclass
from typing import Any

from detection import Prediction
from detection.recognition import Fit, find, mismatch, ranked, signature
from inspector.categories.models import Category
from inspector.inspections.models import NOT_THIS_PART, Inspection
from inspector.registry.known_parts import known_parts

ANYWAY = "If it does show it, judge it anyway."


@dataclass(frozen=True, slots=True)
class OtherPart:
    """message: what a person is told. looks_like: the category that it clearly shows, if any."""

    message: str
    looks_like: Category | None = None

    @property
    def error(self) -> tuple[str, str]:
        return NOT_THIS_PART, self.message


def other_part(row: Inspection, prepared: Any, prediction: Prediction) -> OtherPart | None:
    """None where it shows the part of its category, or where that is not known. prepared: the photo as its
    detector reads it."""
    if prediction.away is None or prediction.far is None or prediction.away <= 1:
        return None
    own = Fit(str(row.category_id), prediction.away, prediction.far)
    known = {str(pk): part for pk, part in known_parts().items() if pk != row.category_id}
    others = ranked(signature(prepared.view), known)
    if not mismatch(own, others):
        return None
    clear = find(others)
    other = Category.objects.filter(pk=clear[0].category).first() if len(clear) == 1 else None
    return OtherPart(_words(row.category, other), other)


def _words(category: Category, other: Category | None) -> str:
    if other:
        return f"This looks like {other}, not like {category}. Send it as {other}. {ANYWAY}"
    return f"This does not look like {category}, nor like any other category here. {ANYWAY}"
