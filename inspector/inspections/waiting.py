"""Whether photos are judged: how long the oldest waits, and what to show everyone when no worker judges."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, DateTimeField, ExpressionWrapper, Min

from inspector.core import clock
from inspector.core.health import in_grace, processes
from inspector.core.health.processes import GONE_SECONDS
from inspector.core.jobs import State
from inspector.inspections.models import Inspection

# Everyone gets the same answer meanwhile, because every page asks for it.
KEPT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Stopped:
    """No worker judges, or nothing looks for lost photos. `for_all`: photos wait, so everyone sees it."""

    sentence: str
    since: datetime | None
    for_all: bool


@dataclass(frozen=True, slots=True)
class Oldest:
    """The photo that has waited longest, and the database's time."""

    created: datetime
    now: datetime

    @property
    def age(self) -> timedelta:
        return self.now - self.created


def oldest_waiting(*, also_held: bool = False) -> Oldest | None:
    """Of those that no fault of the place holds back. One step into the index on the state."""
    now = ExpressionWrapper(clock.now(), output_field=DateTimeField())
    waiting = Inspection.objects.filter(state=State.WAITING).order_by("pk")
    waiting = waiting if also_held else waiting.filter(wait_until=None)
    row = waiting.annotate(now=now).values_list("created", "now").first()
    return Oldest(*row) if row else None


@dataclass(frozen=True, slots=True)
class Held:
    """Photos that wait because of a fault of the place: how many, since when, and the last reason."""

    number: int
    since: datetime
    message: str


def held() -> Held | None:
    """What a fault of the place keeps waiting now; None where there is nothing."""
    rows = Inspection.objects.filter(state=State.WAITING, wait_until__isnull=False).exclude(wait_code="")
    last = rows.order_by("-wait_until", "-pk").values_list("wait_message", flat=True).first()
    if last is None:
        return None
    counts = rows.order_by().aggregate(number=Count("pk"), since=Min("wait_since"))
    return Held(counts["number"], counts["since"], last)


_kept: tuple[float, Stopped | None] | None = None


def stopped() -> Stopped | None:
    """What keeps photos from being judged; None where nothing does. A few seconds old at most.

    One query of a table with a handful of rows; a second one only where somebody is missing.
    """
    global _kept
    if not settings.TELL_WHEN_NOBODY_JUDGES or in_grace():
        return None
    if _kept is None or time.monotonic() - _kept[0] > KEPT_SECONDS:
        try:
            reason = _stopped()
        except DatabaseError:
            reason = None  # the page itself will say so
        _kept = time.monotonic(), reason
    return _kept[1]


def forget() -> None:
    """For tests."""
    global _kept
    _kept = None


def _stopped() -> Stopped | None:
    rows = processes.processes()
    inspect, beat = processes.of_queue("inspect", rows), processes.of_queue(processes.BEAT, rows)
    if inspect.alive and beat.alive:
        return None
    oldest = oldest_waiting(also_held=True)
    if oldest and not inspect.alive:
        since = max(inspect.seen, oldest.created) if inspect.seen else oldest.created
        sentence = "No photo is being judged at the moment. Your photos are kept."
        return Stopped(sentence, since, for_all=True)
    if beat.alive:
        return None
    # Most photos are judged without beat; those whose message was lost are not.
    long = oldest is not None and oldest.age.total_seconds() > GONE_SECONDS
    sentence = "Some photos may not be judged at the moment. Your photos are kept."
    return Stopped(sentence, beat.seen, for_all=long)
