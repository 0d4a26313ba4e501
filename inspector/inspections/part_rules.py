"""How a category's photos say which part they show, where no person does: file name, code, EXIF time."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from inspector.categories.models import Category
from inspector.core.changes import change, locked
from inspector.core.errors import Refused
from inspector.core.events import record
from inspector.inspections import patterns
from inspector.inspections.codes import Look
from inspector.inspections.events import InspectionEvent
from inspector.inspections.models import Inspection
from inspector.inspections.part_models import CODE_KINDS, CodeFills, PartRules
from inspector.inspections.parts import NAMES, Part, tidy, trouble_with

LAST_NAMES = 10
LOOKED_AT = 50  # of the newest photos, for one that was judged
FIELDS = (
    *("filename_pattern", "codes", "code_fills", "code_pattern"),
    *("left", "top", "right", "bottom", "trusts_exif", "checks_part"),
)


def rules_of(category: Category | int) -> PartRules:
    """Those of the category; the defaults, where none were set."""
    pk = category if isinstance(category, int) else category.pk
    return PartRules.objects.filter(category_id=pk).first() or PartRules(category_id=pk)


def change_rules(category: Category, *, by: Any, **values: Any) -> PartRules:
    """They apply to photos that arrive from now on. Raises Refused "invalid_part_rules" or "bad_pattern"."""
    rules = rules_of(category)
    for name in FIELDS:
        setattr(rules, name, values.get(name, getattr(rules, name)))
    _check(rules)
    with transaction.atomic():
        rules = locked(PartRules, category=category)
        if before := change(rules, {name: values[name] for name in FIELDS if name in values}):
            now = {name: getattr(rules, name) for name in FIELDS}
            record(by, InspectionEvent.PART_RULES_CHANGED, category, before=before, **now)
    return rules


def _check(rules: PartRules) -> None:
    if rules.filename_pattern:
        patterns.check(rules.filename_pattern, "filename_pattern")
    if unknown := [kind for kind in rules.codes if kind not in CODE_KINDS]:
        _refuse("codes", f"There is no kind “{str(unknown[0])[:40]}”; there are {', '.join(CODE_KINDS)}.")
    if rules.codes and rules.code_fills == CodeFills.PATTERN:
        patterns.check(rules.code_pattern, "code_pattern")
    if not (0 <= rules.left < rules.right <= 100 and 0 <= rules.top < rules.bottom <= 100):
        _refuse("right", "The region is from left to right and from top to bottom, in percent of the photo.")


def _refuse(field: str, words: str) -> None:
    raise Refused("invalid_part_rules", words, fields={field: [words]})


def by_name(rules: PartRules, part: Part, filename: str) -> Part:
    """What is said of the part, and what the file's name says of the rest."""
    return filled(part, patterns.values_in(rules.filename_pattern, filename))


def filled(part: Part, values_read: dict[str, str]) -> Part:
    """Known values stay; the other fields get what was read."""
    own = {name: value for name, value in values_read.items() if name not in NAMES}
    values = {name: getattr(part, name) or values_read.get(name, "") for name in NAMES}
    return Part(**values, part_fields={**own, **part.part_fields})


def tried(category: Category, pattern: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The last file names of the category, each with what the pattern finds in it."""
    rows = Inspection.objects.filter(category=category).order_by("-created", "-pk")
    names = rows.values_list("filename", flat=True)[:LAST_NAMES]
    return [(name, patterns.labelled(patterns.values_in(pattern, name))) for name in names]


def newest_photo(category: Category) -> Inspection | None:
    """The newest one that was judged, and that a browser can show."""
    rows = Inspection.objects.filter(category=category).order_by("-created", "-pk")
    shown = (row for row in rows[:LOOKED_AT] if row.preview and row.verdict)
    return next(shown, None)


# --- Of the worker ---
def look_of(rules: PartRules) -> Look | None:
    """What to look for in the photos; None for nothing."""
    if not rules.codes and not rules.trusts_exif:
        return None
    region = (rules.left, rules.top, rules.right, rules.bottom)
    return Look(tuple(rules.codes), region, exif=rules.trusts_exif)


@dataclass(frozen=True, slots=True)
class Filled:
    """Columns of an inspection that the photo itself filled, and a note for people."""

    columns: dict[str, Any]
    note: str = ""


def by_code(rules: PartRules, row: Inspection, text: str) -> Filled:
    """What a code on the photo says of what is not known of the part yet."""
    if rules.code_fills == CodeFills.PATTERN:
        values_read = patterns.values_in(rules.code_pattern, text)
    else:
        text = tidy(text)
        values_read = {} if trouble_with(text) else {rules.code_fills: text}
    if not any(values_read.values()):
        return Filled({}, "the code on the photo says nothing that can be kept")
    known = Part(**{name: getattr(row, name) for name in NAMES}, part_fields=row.part_fields)
    now = filled(known, values_read).values()
    return Filled({name: value for name, value in now.items() if value != getattr(row, name)})
