"""Handing out the queue: one photo to one person at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Case, Count, F, Min, Q, QuerySet, Value, When
from django.utils import timezone

from inspector.categories.models import Category
from inspector.core import clock
from inspector.reviews.models import Entry

WORK = "reviews.work_queue"
BACKEND = "django.contrib.auth.backends.ModelBackend"
LENT_FOR = 120.0  # seconds
UNDONE = 600.0  # seconds within which a decision taken back counts as a slip
AHEAD = 8  # photos that a page has in hand; it asks again while the next three are left
FIRST = 4  # photos that it comes with; it asks for more at the first decision


@dataclass(frozen=True, slots=True)
class Order:
    value: str
    label: str
    fields: tuple[str, ...]


ORDERS = (
    Order("doubt", "Most doubtful first", ("-disputed", "doubt", "pk")),
    Order("worst", "Highest score first", ("-disputed", "-relative_score", "pk")),
    Order("oldest", "Oldest first", ("-disputed", "created", "pk")),
)


def order_named(value: str) -> Order:
    """The order of this name; the first one for an unknown name."""
    return next((order for order in ORDERS if order.value == value), ORDERS[0])


def waiting(category: Category | None = None, *, person: Any = None) -> QuerySet[Entry]:
    """All that wait for a decision; of a person: those that this person may give."""
    rows = Entry.objects.filter(closed=None)
    if person is not None:
        rows = rows.filter(_for(person))
    return rows.filter(category=category) if category else rows


def counts(person: Any) -> dict[str, Any]:
    """How many are `left` for this person and how many of them are `disputed`, since when the `oldest` waits;
    and how many wait `for_others`, since this person decided first."""
    mine = _for(person)
    return waiting().aggregate(
        left=Count("pk", filter=mine),
        disputed=Count("pk", filter=mine & Q(disputed=True)),
        oldest=Min("created", filter=mine),
        for_others=Count("pk", filter=Q(not_for=person)),
    )


def for_others(person: Any, category: Category | None) -> int:
    """How many wait that this person may not decide, having decided first."""
    return waiting(category).filter(not_for=person).count()


def _for(person: Any) -> Q:
    return Q(not_for=None) | ~Q(not_for=person)


def without_unreachable(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    """Where only one person works the queue: without those that this person may not decide again."""
    people = get_user_model().objects.with_perm(WORK, backend=BACKEND)  # active ones
    ids = list(people.values_list("pk", flat=True)[:2])
    return rows.filter(_for(ids[0])) if len(ids) == 1 else rows


def opened_again(**more: Any) -> dict[str, Any]:
    """What puts closed entries into the queue again: they wait from now on. One that was decided a moment ago
    waits as if it had not been."""
    undone = When(closed__gte=clock.seconds_from_now(-UNDONE), then=F("created"))
    again = {"closed": None, "created": Case(undone, default=Value(timezone.now()))}
    return again | {"lent_to": None, "lent_until": None} | more


def renew(person: Any, inspections: Iterable[int]) -> list[int]:
    """Of the photos that a page shows, those that this person still has in hand, lent again. The others were
    decided, or another person got them after two minutes without a sign from here."""
    mine = Q(lent_to=person) | Q(lent_until=None) | Q(lent_until__lt=clock.now())
    shown = Entry.objects.filter(_for(person), inspection__in=list(inspections), closed=None)
    shown.filter(mine).update(lent_to=person, lent_until=clock.seconds_from_now(LENT_FOR))
    return list(shown.filter(lent_to=person).values_list("inspection_id", flat=True))


def lend(person: Any, *, category: Category | None, order: Order, n: int = AHEAD) -> list[Entry]:
    """The next ones for this person, lent for two minutes: no other person gets them meanwhile.

    What the person has in hand already is among them, in its order. Fewer than `n` where there are no more.
    """
    with transaction.atomic():
        mine = Q(lent_to=person, lent_until__gte=clock.now())
        free = Q(lent_until=None) | Q(lent_until__lt=clock.now()) | mine
        rows = (
            waiting(category, person=person)
            .filter(free)
            .order_by(*order.fields)
            .select_for_update(skip_locked=True)
        )
        ids = list(rows.values_list("pk", flat=True)[:n])
        # Asked again as it is written: on a database that locks nothing, another person may have been faster.
        Entry.objects.filter(free, pk__in=ids, closed=None).update(
            lent_to=person, lent_until=clock.seconds_from_now(LENT_FOR)
        )
        joined = (
            "inspection__category",
            "inspection__version",
            "inspection__submitted_by",
            "inspection__deployment",
        )
        lent = Entry.objects.filter(pk__in=ids, lent_to=person, closed=None).select_related(*joined)
        return list(lent.order_by(*order.fields))
