"""What happened: an event for all that people and the system do, written in the transaction of the act.

Each app declares its kinds of events and what they can be about, in its `events`; core knows no nouns.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models, transaction
from django.db.transaction import TransactionManagementError

from inspector.core import outbox
from inspector.core.errors import Refused
from inspector.core.models import Event
from inspector.core.proof import seal

# A user, or None for the system itself. Doors hand on `request.user`, of whom the type checker cannot
# know that only people who are signed in come through that door.
Who = Any
# A UUID, and a category's id, or None. Not said in types: detail is handed over as a dictionary of others.
Operation = Any
CategoryId = Any
Detail = dict[str, Any]
REASON_LENGTH = 500
SAY_WHY = "Say why: the audit trail shows it."
NAME_LENGTH = Event._meta.get_field("subject_name").max_length or 0


def no_words(detail: Detail) -> str:
    return ""


# --- Kinds -----------------------------------------------------------------------------------
class Kind(StrEnum):
    """Kinds of events, one class an app: value, title, and how the detail reads in a sentence or two."""

    label: str
    describe: Callable[[Detail], str]

    def __new__(cls, value: str, title: str, describe: Callable[[Detail], str] = no_words) -> "Kind":
        kind = str.__new__(cls, value)
        kind._value_ = value
        kind.label, kind.describe = title, describe
        return kind


class Undeclared(TypeError):
    """A kind or a subject type was never declared: a fault of the program."""


AppKinds = TypeVar("AppKinds", bound=type[Kind])
_kinds: dict[str, Kind] = {}


def declare(kinds: AppKinds) -> AppKinds:
    """Decorator: events of these kinds can be recorded from now on. A value belongs to one kind only."""
    for kind in unique(kinds):
        if kind in _kinds and _kinds[kind] is not kind:
            raise ValueError(f"“{kind}” is declared twice.")
        _kinds[kind] = kind
    return kinds


def kind_of(value: str) -> Kind | None:
    """None for a kind that an earlier version of the program recorded and no app declares any more."""
    return _kinds.get(value)


def kinds() -> list[Kind]:
    """All of them, by title."""
    return sorted(_kinds.values(), key=lambda kind: kind.label)


# --- Subjects --------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class SubjectType:
    """Rows of a model that events are about; `category` is the field with the category's id, if any."""

    name: str
    model: str
    category: str = ""


_types: dict[str, SubjectType] = {}


def subject_type(name: str, model: str, *, category: str = "") -> None:
    """Declare that events can be about rows of `model` ("app.Model")."""
    _types[name] = SubjectType(name, model.lower(), category)


@dataclass(frozen=True, slots=True)
class Subject:
    """What events are about, as in `?about=inspection-17`."""

    type: SubjectType
    id: int

    def __str__(self) -> str:
        return f"{self.type.name}-{self.id}"


def subject_of(row: models.Model) -> Subject:
    label = row._meta.concrete_model._meta.label_lower if row._meta.concrete_model else ""
    for kind in _types.values():
        if kind.model == label:
            return Subject(kind, row.pk)
    raise Undeclared(f"No subject type is declared for {label or row!r}.")


def subject_from(name: str, id: int | None) -> Subject | None:
    """None where it is not known, as of events about a name only."""
    return Subject(_types[name], id) if name in _types and id is not None else None


def subject_named(text: str) -> Subject:
    """From an address: "inspection-17". ValueError if it names no subject."""
    name, _, number = text.rpartition("-")  # “defect-type-3”, too
    if name not in _types or not (number.isascii() and number.isdigit()) or len(number) > 18:
        raise ValueError(f"“{text}” is no subject.")
    return Subject(_types[name], int(number))


# --- Recording -------------------------------------------------------------------------------
def record(
    actor: Who,
    kind: Kind,
    subject: models.Model | str,
    *,
    operation: Operation = None,
    category_id: CategoryId = None,
    **detail: Any,
) -> Event:
    """Note that `actor` (a user, or None for the system itself) did this to `subject`.

    A subject that has no row is a name; `category_id` says in which category. Call it in the transaction of
    the action: both are kept, or neither.
    Events of one person and kind with the same `operation` are shown as one entry.
    """
    if _kinds.get(kind) is not kind:
        raise Undeclared(f"No app declares events of the kind {kind!r}.")
    if not connection.in_atomic_block:
        raise TransactionManagementError("An event is written in the transaction of the act that it records.")
    event = Event.objects.create(
        actor=actor,
        kind=kind.value,
        subject_name=str(subject)[:NAME_LENGTH],
        detail=detail,
        operation=operation,
        **({"category_id": category_id} if isinstance(subject, str) else _columns(subject)),
    )
    outbox.put(event)
    # Robust: the action is done whatever happens here, and the sweep seals what was not sealed.
    transaction.on_commit(seal.seal, robust=True)
    return event


def because(reason: str) -> Detail:
    """For the detail of an event: why a person did it, where they said so."""
    reason = reason.strip()[:REASON_LENGTH]
    return {"reason": reason} if reason else {}


def because_of_need(reason: str) -> Detail:
    """The same of a sensitive act: Refused "no_reason" where nobody said why."""
    if not reason.strip():
        raise Refused("no_reason", SAY_WHY, fields={"reason": [SAY_WHY]})
    return because(reason)


def _columns(row: models.Model) -> dict[str, Any]:
    subject = subject_of(row)
    category = getattr(row, subject.type.category) if subject.type.category else None
    return {"subject_type": subject.type.name, "subject_id": subject.id, "category_id": category}


def operation_of(text: str) -> UUID | None:
    """The operation a page names in its requests; None if that is not a UUID."""
    try:
        return UUID(text)
    except ValueError:
        return None
