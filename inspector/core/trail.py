"""Reading the audit trail: one entry for what a person did, in the words of its kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from inspector.core.events import Detail, Subject, kind_of, kinds, subject_from
from inspector.core.models import Event

# Numbers that add up over the events of an operation.
SUMMED = ("added", "skipped", "rejected", "removed")


def plainly(detail: Detail) -> str:
    """For kinds without words of their own: “Some name: value; …”."""
    pairs = (f"{name.replace('_', ' ').capitalize()}: {value}" for name, value in detail.items())
    return "; ".join(pairs)


def title(kind: str) -> str:
    """Such as “Added photos” for “samples.added”."""
    known = kind_of(kind)
    return known.label if known else kind.capitalize()


def titles() -> list[tuple[str, str]]:
    """Every kind with its title, by title: choices of a filter."""
    return [(kind.value, kind.label) for kind in kinds()]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person did: one event, or all events of an operation, `until` when they went on."""

    pk: int
    time: datetime
    until: datetime
    actor: Any
    title: str
    subject: str
    # None where there are several, or nothing but a name is known.
    about: Subject | None
    detail: str
    # As the person said it; empty where it was not asked for.
    why: str
    events: int


def events(about: Subject | None = None) -> QuerySet[Event]:
    """Newest first; of an operation its first event only. Those of the system itself stand alone.

    With `about`, everything about that: of an operation on several things, only what was done to this one.
    By what one person did it is narrowed as any queryset is: `.filter(actor=…)`.
    """
    same = {name: OuterRef(name) for name in ("operation", "actor", "kind")}
    earlier = _narrowed(Event.objects.filter(**same, pk__lt=OuterRef("pk")), about).order_by()
    rows = _narrowed(Event.objects.all(), about)
    return rows.filter(~Exists(earlier)).select_related("actor").order_by("-pk")


def every(about: Subject | None = None) -> QuerySet[Event]:
    """All events of what `events(about)` shows, those of an operation one by one."""
    return _narrowed(Event.objects.all(), about).select_related("actor")


def named(rows: QuerySet[Event], text: str) -> QuerySet[Event]:
    """Those of `events()` that were done to something of this name, in any event of their operation."""
    same = {name: OuterRef(name) for name in ("operation", "actor", "kind")}
    others = Event.objects.filter(**same, subject_name__icontains=text).order_by()
    return rows.filter(Q(subject_name__icontains=text) | Exists(others))


def name_of(subject: Subject) -> str:
    """As the newest event about it calls it; it may be gone by now."""
    rows = Event.objects.filter(subject_type=subject.type.name, subject_id=subject.id).order_by("-pk")
    name = rows.values_list("subject_name", flat=True).first()
    return name or f"{subject.type.name.capitalize()} {subject.id}"


def entries(first: Sequence[Event], about: Subject | None = None) -> list[Entry]:
    """Entries of these first events of `events(about)`; one query for everything that belongs to them."""
    operations = {event.operation for event in first if event.operation}
    parts: dict[tuple[UUID | None, int | None, str], list[Event]] = {}
    if operations:
        of_operations = _narrowed(Event.objects.filter(operation__in=operations), about)
        for event in of_operations.order_by("pk"):
            parts.setdefault(_key(event), []).append(event)
    return [_entry(event, parts.get(_key(event), [event])) for event in first]


def _narrowed(rows: QuerySet[Event], about: Subject | None) -> QuerySet[Event]:
    if about is None:
        return rows
    if about.type.category == "pk":  # a category, and all that is in it
        return rows.filter(category_id=about.id)
    return rows.filter(subject_type=about.type.name, subject_id=about.id)


def _key(event: Event) -> tuple[UUID | None, int | None, str]:
    # One person's id in another's request must not hide what the other one did.
    return event.operation, event.actor_id, event.kind


def _entry(first: Event, parts: list[Event]) -> Entry:
    names = list(dict.fromkeys(event.subject_name for event in parts))
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    detail = _summed([event.detail for event in parts])
    return Entry(
        pk=first.pk,
        time=first.time,
        until=parts[-1].time,
        actor=first.actor,
        title=title(first.kind),
        subject=f"{names[0]}{more}",
        about=None if more else subject_from(first.subject_type, first.subject_id),
        detail=detail_in_words(first.kind, detail),
        why=why(detail),
        events=len(parts),
    )


def why(detail: Detail) -> str:
    return str(detail.get("reason", ""))


def detail_in_words(kind: str, detail: Detail) -> str:
    """What the detail says except why, in the words of its kind."""
    before = detail.get("before")
    apart = {"reason", "before"} if isinstance(before, dict) else {"reason"}
    words = _in_words(kind, {name: value for name, value in detail.items() if name not in apart})
    return f"{words} ({was(before)})".lstrip() if isinstance(before, dict) and before else words


def was(before: Detail) -> str:
    """What a change replaced, such as “severity was major; key was nothing”."""
    pairs = ((name.replace("_", " "), value) for name, value in before.items())
    return "; ".join(f"{name} was {'nothing' if value in (None, '', []) else value}" for name, value in pairs)


def _in_words(kind: str, detail: Detail) -> str:
    known = kind_of(kind)
    try:
        return known.describe(detail) if known else plainly(detail)
    except (LookupError, ValueError, TypeError, AttributeError):
        return plainly(detail)  # from an earlier version, with less in it


def _summed(details: list[Detail]) -> Detail:
    sums = {name: sum(detail.get(name, 0) for detail in details) for name in SUMMED if name in details[0]}
    return details[0] | sums
