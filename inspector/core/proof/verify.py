"""Walking along the chain to verify that each entry is as it was when it was sealed."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone

from inspector.core.models import Chain, Event, Verification
from inspector.core.proof.form import COLUMNS, NOTHING, hash_of
from inspector.core.proof.seal import ONLY

log = logging.getLogger(__name__)
AT_ONCE = 5000  # rows in memory
# In one sweep, which must not hold up the others: about a second.
IN_A_SWEEP = 50_000
EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Link:
    """How far a walk has come: the position and hash of the last entry that was right, and the event's id."""

    position: int = 0
    hash: str = NOTHING
    event: int | None = None


class Broken(Exception):
    """The chain does not hold: what is wrong, and with which entry, where there is one."""

    def __init__(self, message: str, event: int | None = None) -> None:
        super().__init__(message)
        self.event = event


def chain() -> Chain:
    """Its head as of now."""
    return Chain.objects.filter(pk=ONLY).first() or Chain(pk=ONLY)


def walk(after: Link, upto: int) -> Link:
    """To the entry at position `upto`. Raises Broken at the first one that is not right."""
    while after.position < upto:
        last = min(after.position + AT_ONCE, upto)
        rows = Event.objects.filter(position__gt=after.position, position__lte=last).order_by("position")
        for row in rows.values(*COLUMNS, "position", "hash"):
            after = _next(after, row)
        if after.position < last:
            raise Broken(_missing(after, upto))
    return after


def _next(after: Link, row: dict[str, Any]) -> Link:
    if row["position"] != after.position + 1:
        raise Broken(_missing(after, row["position"] - 1), row["id"])
    if row["hash"] != hash_of(after.hash, row["position"], row):
        former = f"entry {after.event}, the one before it" if after.event else "the start of the chain"
        raise Broken(
            f"Entry {row['id']} (position {row['position']:,}) does not fit its hash and {former}: "
            "one of the two was changed after it was sealed.",
            row["id"],
        )
    return Link(row["position"], row["hash"], row["id"])


def _missing(after: Link, upto: int) -> str:
    first = after.position + 1
    what = f"The entry at position {first:,} is" if first == upto else f"Entries {first:,} to {upto:,} are"
    former = f"entry {after.event}" if after.event else "the start of the chain"
    return f"{what} missing, after {former}."


def require_end(reached: Link) -> None:
    """Broken, where the walk has come to the end and the noted head is another one."""
    last = Event.objects.aggregate(last=Max("position"))["last"] or 0
    # Afterwards: it goes up with the positions, in one transaction.
    noted = chain()
    if last > noted.length:
        raise Broken(f"The chain has {last:,} entries, but its head is noted at {noted.length:,}.")
    if reached.position == noted.length and reached.hash != noted.head:
        raise Broken(
            "The hash of the last entry is not the one noted as the head of the chain.", reached.event
        )


# --- A verification that is kept, for the page -----------------------------------------------
def verify() -> Link:
    """Verify all of it, now. Raises Broken. The result is kept."""
    run = Verification.objects.create()
    while not run.finished:
        go_on(run, AT_ONCE)
    if run.finding:
        raise Broken(run.finding, run.event_id)
    return Link(run.reached, run.hash, event_at(run.reached))


def event_at(position: int) -> int | None:
    return Event.objects.filter(position=position).values_list("pk", flat=True).first()


def ask() -> None:
    """The next sweep begins, unless a verification is on its way."""
    if under_way() is None:
        Verification.objects.create()


@dataclass(frozen=True, slots=True)
class Standing:
    """The last verification that came to an end, and the one on its way."""

    last: Verification | None
    under_way: Verification | None


def standing() -> Standing:
    """In one query."""
    newest = list(Verification.objects.order_by("-pk")[:2])
    under_way = newest.pop(0) if newest and newest[0].finished is None else None
    return Standing(newest[0] if newest else None, under_way)


def under_way() -> Verification | None:
    return Verification.objects.filter(finished=None).order_by("pk").last()


def last() -> Verification | None:
    """The newest that came to an end."""
    return Verification.objects.exclude(finished=None).order_by("finished").last()


def sweep() -> None:
    """Continue the verification in progress; once a day begin one."""
    former = last()
    if former is None or (former.finished and former.finished < timezone.now() - EVERY):
        ask()
    run = under_way()
    if run:
        go_on(run, IN_A_SWEEP)


def go_on(run: Verification, rows: int) -> None:
    """Walk over this many more rows, and keep how far it came and what is broken."""
    length = chain().length
    try:
        reached = Link(run.reached, run.hash, event_at(run.reached))
        reached = walk(reached, max(min(run.reached + rows, length), run.reached))
        run.reached, run.hash = reached.position, reached.hash
        if run.reached >= length:
            require_end(reached)
            run.finished = timezone.now()
    except Broken as broken:
        run.finished, run.finding, run.event_id = timezone.now(), str(broken), broken.event
        log.error("The audit trail is broken: %s", broken)
    run.save()
