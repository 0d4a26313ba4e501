"""Appending events to the chain, one at a time, however many processes write.

Whoever seals locks the one row of `Chain`, then takes what is committed and not sealed yet. That transaction
waits for nobody else's action and is over in milliseconds; an event whose process died before that
is sealed with the next one, or by the sweep. Positions are in the order of sealing: ids are given out
before transactions commit, so an event may follow one with a higher id.
"""

from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from inspector.core.models import Chain, Event
from inspector.core.proof.form import COLUMNS, hash_of

AT_ONCE = 1000
ONLY = 1  # the key of the only row of `Chain`
WRITE = "UPDATE core_event SET position = %s, hash = %s WHERE id = %s AND position IS NULL"


def waiting(events: Any = Event) -> "QuerySet[Any]":
    """Events that are not sealed yet."""
    unsealed: QuerySet[Any] = events.objects.filter(position=None).order_by("pk")
    return unsealed


def seal(events: Any = Event, chains: Any = Chain) -> int:
    """Seal what waits, in short transactions; how many that were. A migration brings its own models."""
    total = 0
    # What commits meanwhile is sealed by the process that committed it.
    more = waiting(events).exists()
    while more:
        done = _append(events, chains)
        total, more = total + done, done == AT_ONCE
    return total


def _append(events: Any, chains: Any) -> int:
    with transaction.atomic():
        chain = _locked(chains)
        # Read after the lock is ours: the one that had it before has sealed some of them.
        rows = list(waiting(events).values(*COLUMNS)[:AT_ONCE])
        links = []
        for row in rows:
            chain.length += 1
            chain.head = hash_of(chain.head, chain.length, row)
            links.append((chain.length, chain.head, row["id"]))
        if links:
            with connection.cursor() as cursor:
                cursor.executemany(WRITE, links)
            chains.objects.filter(pk=ONLY).update(length=chain.length, head=chain.head)
    return len(rows)


def _locked(chains: Any) -> Any:
    rows = chains.objects.select_for_update().filter(pk=ONLY)
    chain = rows.first()
    if chain is None:  # the first one ever; of two who make it, one waits here
        chains.objects.get_or_create(pk=ONLY)
        chain = rows.get()
    return chain
