"""Reading the audit trail: one entry for what a person did, in the words of each app's `trail_words`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from inspector.core.models import AuditEvent

Detail = dict[str, Any]
# Numbers that add up over the events of an operation.
SUMMED = ("added", "skipped", "rejected", "removed")


def plainly(detail: Detail) -> str:
    """For what nobody gave words to: “Some name: value; …”."""
    told = (f"{name.replace('_', ' ').capitalize()}: {value}" for name, value in detail.items())
    return "; ".join(told)


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    tell: Callable[[Detail], str]


_words: dict[str, Words] = {}


def describe(verb: str, title: str, tell: Callable[[Detail], str] = lambda detail: "") -> None:
    """How events of this verb are shown: “Added photos”, and the detail as a sentence or two."""
    _words[verb] = Words(title, tell)


def title(verb: str) -> str:
    """Such as “Added photos” for “add samples”."""
    return _words[verb].title if verb in _words else verb.capitalize()


def titles() -> list[tuple[str, str]]:
    """Every verb with its title, by title: choices of a filter."""
    return sorted(((verb, words.title) for verb, words in _words.items()), key=lambda pair: pair[1])


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person did: one event, or all events of an operation, `until` when they went on."""

    pk: int
    when: datetime
    until: datetime
    who: Any
    title: str
    what: str
    detail: str
    events: int


def events() -> QuerySet[AuditEvent]:
    """Newest first; of an operation its first event only. Those of the system itself stand alone."""
    same = {name: OuterRef(name) for name in ("operation", "who", "verb")}
    earlier = AuditEvent.objects.filter(**same, pk__lt=OuterRef("pk")).order_by()
    return AuditEvent.objects.filter(~Exists(earlier)).select_related("who").order_by("-pk")


def about(rows: QuerySet[AuditEvent], text: str) -> QuerySet[AuditEvent]:
    """Those of `events()` that were done to something of this name, in any event of their operation."""
    same = {name: OuterRef(name) for name in ("operation", "who", "verb")}
    others = AuditEvent.objects.filter(**same, what__icontains=text).order_by()
    return rows.filter(Q(what__icontains=text) | Exists(others))


def entries(first: Sequence[AuditEvent]) -> list[Entry]:
    """Entries of these first events; one query for all that belongs to them."""
    operations = {event.operation for event in first if event.operation}
    parts: dict[tuple[UUID | None, int | None, str], list[AuditEvent]] = {}
    if operations:
        for event in AuditEvent.objects.filter(operation__in=operations).order_by("pk"):
            parts.setdefault(_key(event), []).append(event)
    return [_entry(event, parts.get(_key(event), [event])) for event in first]


def _key(event: AuditEvent) -> tuple[UUID | None, int | None, str]:
    # One person's id in another's request must not hide what the other one did.
    return event.operation, event.who_id, event.verb


def _entry(first: AuditEvent, parts: list[AuditEvent]) -> Entry:
    names = list(dict.fromkeys(event.what for event in parts))
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    detail = _summed([event.detail for event in parts])
    return Entry(
        pk=first.pk,
        when=first.when,
        until=parts[-1].when,
        who=first.who,
        title=title(first.verb),
        what=f"{names[0]}{more}",
        detail=_told(first.verb, detail),
        events=len(parts),
    )


def _told(verb: str, detail: Detail) -> str:
    try:
        return _words[verb].tell(detail)
    except (LookupError, ValueError, TypeError, AttributeError):
        return plainly(detail)  # nobody has words for it, or it is of a former time and knows less


def _summed(details: list[Detail]) -> Detail:
    sums = {name: sum(detail.get(name, 0) for detail in details) for name in SUMMED if name in details[0]}
    return details[0] | sums
