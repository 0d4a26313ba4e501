"""Who else has to be told of events: notifications, alerts, webhooks and the like, each one a consumer.

With an event, and in its transaction, a `Delivery` is written for every consumer: a row, and not a place in a
list. Ids are given out before transactions commit, so “all after the last one I saw” would miss events that
commit late. A delivery is claimed (`core.jobs`), and marked as done in the very transaction in which its
consumer is called: what a consumer writes to the database happens once for each event. What it sends
elsewhere is sent again if the process dies before the mark is kept. Send the event's id along, so that the
other side can tell; and be quick, or write a job of your own.
"""

import logging
from collections.abc import Callable
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet

from inspector.core import clock, jobs
from inspector.core.jobs import Claim, State
from inspector.core.models import Delivery, Event
from inspector.core.nudge import nudge_if_idle

log = logging.getLogger(__name__)

TASK = "inspector.core.tasks.deliver"
# That of the sweeps: behind a backlog of photos it would starve.
QUEUE = "sweep"
AT_ONCE = 20
# Seconds until a consumer that failed gets an event again. No delivery is ever given up.
PAUSES = (10, 60, 600, 3600)
KEPT_DAYS = 30  # after an event was handed on
FORGOTTEN_AT_ONCE = 1000

Deliver = Callable[[Event], None]
_consumers: dict[str, Deliver] = {}
# The kinds that a consumer asked for; one that is not here gets all.
_kinds: dict[str, frozenset[str]] = {}


def register(name: str, deliver: Deliver, *, kinds: frozenset[str] | None = None) -> None:
    """From now on `deliver` gets every event, or those of some kinds. Call it in `AppConfig.ready`: every
    process must know of it."""
    _consumers[name] = deliver
    _kinds.pop(name, None)
    if kinds is not None:
        _kinds[name] = kinds


def forget(name: str) -> None:
    """It gets no more events; what waits for it keeps waiting."""
    del _consumers[name]
    _kinds.pop(name, None)


def put(event: Event) -> None:
    """Write what is to be delivered, in the event's transaction."""
    wanted = [name for name in _consumers if name not in _kinds or event.kind in _kinds[name]]
    if wanted:
        Delivery.objects.bulk_create(Delivery(consumer=name, event=event) for name in wanted)
        transaction.on_commit(partial(nudge_if_idle, TASK, queue=QUEUE))


def deliver() -> int:
    """Hand on everything that is due. Returns the number of deliveries."""
    return sum(_deliver_to(name, hand_on) for name, hand_on in list(_consumers.items()))


def sweep() -> None:
    """Handle what dead workers held, what had to wait, and what no worker was notified of."""
    if _consumers:
        lost = Delivery.objects.filter(state=State.RUNNING, lease_until__lt=clock.now())
        lost.update(state=State.WAITING, claim=None, lease_until=None)
        deliver()
    _forget_old()


def _forget_old() -> None:
    """Delete deliveries done long ago: they only say that an event was handed on."""
    oldest = Delivery.objects.filter(state=State.DONE).order_by("pk").values_list("pk", flat=True)
    long_ago = clock.seconds_from_now(-KEPT_DAYS * 86_400)
    Delivery.objects.filter(pk__in=list(oldest[:FORGOTTEN_AT_ONCE]), finished__lt=long_ago).delete()


def _due(name: str) -> QuerySet[Delivery]:
    now = Q(wait_until__isnull=True) | Q(wait_until__lte=clock.now())
    return Delivery.objects.filter(now, consumer=name)


def _deliver_to(name: str, hand_on: Deliver) -> int:
    done = 0
    while (claim := jobs.claim(_due(name), AT_ONCE)).ids:
        done += sum(_handed_on(pk, claim, hand_on) for pk in claim.ids)
    return done


def _handed_on(pk: int, claim: Claim, hand_on: Deliver) -> bool:
    """False where it failed, or where the claim is no longer ours."""
    try:
        with transaction.atomic():
            # First: any other worker waits for this row, and then sees that it is done.
            if not jobs.finish(Delivery, pk, claim.token):
                return False
            hand_on(Event.objects.select_related("actor").get(deliveries=pk))
    except Exception as problem:
        delivery = Delivery.objects.get(pk=pk)
        log.exception("%s was not delivered and will be again", delivery)
        _later(delivery, claim, problem)
        return False
    return True


def _later(delivery: Delivery, claim: Claim, problem: Exception) -> None:
    pause = PAUSES[min(delivery.attempts, len(PAUSES)) - 1]
    ours = Delivery.objects.filter(pk=delivery.pk, claim=claim.token, state=State.RUNNING)
    ours.update(
        state=State.WAITING,
        claim=None,
        lease_until=None,
        wait_until=clock.seconds_from_now(pause),
        error_code="consumer_fault",
        error_message=f"{type(problem).__name__}: {problem}",
    )
