"""Kinds of defects: added during a review, changed, retired."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from inspector.categories.models import Category
from inspector.categories.names import cleaned, key_of
from inspector.core.changes import change as update
from inspector.core.errors import Conflict, Refused
from inspector.core.events import Who, record
from inspector.reviews.events import ReviewEvent
from inspector.reviews.models import KEYS, NAME_LENGTH, DefectType, Severity
from inspector.samples.models import GOOD, Sample, Split

MEANWHILE = "Another person is adding defect types. Try again."


@dataclass(frozen=True, slots=True)
class Choice:
    """What can be chosen for the photos of a category. types: with a key first. suggested: kinds of defects
    among the test samples that are no type yet; chosen once, they become one."""

    types: list[DefectType]
    suggested: list[str]


def choices(categories: Collection[Category]) -> dict[int, Choice]:
    """By id of the category."""
    types: dict[int, list[DefectType]] = {category.pk: [] for category in categories}
    for one in DefectType.objects.filter(category__in=categories).select_related("example"):
        types[one.category_id].append(one)
    labels: dict[int, list[str]] = {category.pk: [] for category in categories}
    defects = Sample.objects.filter(category__in=categories, split=Split.TEST).exclude(label=GOOD)
    for pk, label in defects.order_by("label").values_list("category", "label").distinct():
        labels[pk].append(label)
    return {pk: _choice(types[pk], labels[pk]) for pk in types}


def _choice(types: list[DefectType], labels: list[str]) -> Choice:
    known = {one.name_key for one in types}
    in_use = [one for one in types if one.retired is None]
    in_use.sort(key=lambda one: (one.key or 99, one.name.casefold()))
    return Choice(in_use, [label for label in labels if key_of(label) not in known])


def choice(category: Category) -> Choice:
    return choices([category])[category.pk]


def named(category: Category, name: str, *, by: Who, severity: str = Severity.MAJOR) -> DefectType:
    """The defect type of that name, added if there is none; one that was retired is in use again."""
    name = checked_name(name)
    known = DefectType.objects.filter(category=category, name_key=key_of(name)).first()
    if known is None:
        return _added(category, name, severity, by)
    return _in_use_again(known, by) if known.retired else known


def _in_use_again(known: DefectType, by: Who) -> DefectType:
    for _ in range(2):
        try:
            with transaction.atomic():
                free = known.key if known.key in free_keys(known.category) else None
                DefectType.objects.filter(pk=known.pk).update(retired=None, key=free)
                record(by, ReviewEvent.TYPE_ADDED, known, severity=known.severity, key=free)
            known.refresh_from_db()
            return known
        except IntegrityError:
            continue  # another person took its key
    raise Conflict("changed_meanwhile", MEANWHILE)


def add(category: Category, name: str, *, by: Who, **values: Any) -> DefectType:
    """As `named`, with severity, key and description; what is empty stays as it is. All of it, or nothing."""
    kept = {field: value for field, value in values.items() if value}
    with transaction.atomic():
        defect_type = named(category, name, by=by)
        return change(defect_type, by=by, **kept) if kept else defect_type


def _added(category: Category, name: str, severity: str, by: Who) -> DefectType:
    for _ in range(2):
        key = next(iter(free_keys(category)), None)
        try:
            with transaction.atomic():
                added = DefectType.objects.create(
                    category=category, name=name, name_key=key_of(name), severity=severity, key=key
                )
                record(by, ReviewEvent.TYPE_ADDED, added, severity=severity, key=key)
            return added
        except IntegrityError:
            # Another person was faster: with this name, or with the key.
            same = DefectType.objects.filter(category=category, name_key=key_of(name)).first()
            if same:
                return same
    raise Conflict("changed_meanwhile", MEANWHILE)


def free_keys(category: Category) -> list[int]:
    taken = DefectType.objects.filter(category=category, retired=None).values_list("key", flat=True)
    return [key for key in KEYS if key not in set(taken)]


def change(defect_type: DefectType, *, by: Who, **values: Any) -> DefectType:
    """name, severity, key, description. Refused "invalid_defect_type" with what is wrong with which field."""
    if "name" in values:
        values["name"] = checked_name(values["name"])
        values["name_key"] = key_of(values["name"])
    try:
        with transaction.atomic():
            now = DefectType.objects.select_for_update().get(pk=defect_type.pk)
            if before := update(now, values):
                before.pop("name_key", None)
                detail = {"severity": now.severity, "key": now.key, "before": before}
                record(by, ReviewEvent.TYPE_CHANGED, now, **detail)
    except IntegrityError:
        raise _taken(defect_type, values) from None
    return now


def _taken(defect_type: DefectType, values: dict[str, Any]) -> Refused:
    others = DefectType.objects.filter(category=defect_type.category).exclude(pk=defect_type.pk)
    if others.filter(name_key=values.get("name_key")).exists():
        words = {"name": [f"{defect_type.category} has a defect type of this name already."]}
    else:
        words = {
            "key": [f"Key {values.get('key')} belongs to another defect type of {defect_type.category}."]
        }
    return Refused("invalid_defect_type", " ".join(next(iter(words.values()))), status=409, fields=words)


def retire(defect_type: DefectType, *, by: Who) -> None:
    """It cannot be chosen any more; reviews that name it keep it. Naming it again brings it back."""
    with transaction.atomic():
        if DefectType.objects.filter(pk=defect_type.pk, retired=None).update(retired=timezone.now()):
            record(by, ReviewEvent.TYPE_RETIRED, defect_type)


def checked_name(name: str) -> str:
    name = cleaned(name)
    if not key_of(name):
        wrong = "Enter a name."
    elif len(name) > NAME_LENGTH:
        wrong = f"The name has {len(name)} characters; the limit is {NAME_LENGTH}."
    elif key_of(name) == GOOD:
        wrong = "“Good” is what a part without a defect is. Choose another name."
    else:
        return name
    raise Refused("invalid_defect_type", wrong, fields={"name": [wrong]})
