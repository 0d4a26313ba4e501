"""Photos that a fault of the place keeps waiting: when they are tried again, and who is told when it heals.

Those that met the fault wait longer than those given back beside them, so that others are tried first.
The first photo that passes brings all back. One that then meets a fault again is at odds with the place by
itself: it keeps a pace of its own, whatever passes beside it.
"""

import logging
from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.db.models import Case, F, Q, When
from django.db.models.functions import Coalesce

from inspector.core import clock, jobs
from inspector.core.audit import Who, record
from inspector.core.errors import Conflict
from inspector.core.jobs import State
from inspector.core.nudge import nudge
from inspector.inspections.models import Inspection
from inspector.inspections.place import Fault

log = logging.getLogger(__name__)

ANALYSE = "inspector.inspections.tasks.analyse"
# Seconds until the next try: of those given back beside others, of those that met the fault, and of those
# that met it again after others had passed.
BESIDE, MET = 4, 8
ALONE = (2, 10, 60, 300, 1800)
# A fault of the program, which counts as a try: by how many there were.
COUNTED = (2, 10, 60)
PROGRAM = "worker_fault"
AFTER_FAULT = "The program met a fault while judging this photo."
CLEARED = {
    "wait_until": None,
    "waits": 0,
    "wait_since": None,
    "wait_code": "",
    "wait_message": "",
    "wait_alone": False,
}


def due() -> Q:
    """Of those that wait: what may be tried now."""
    return Q(wait_until__isnull=True) | Q(wait_until__lte=clock.now())


def hold(token: UUID, fault: Fault, pks: Iterable[int] = ()) -> int:
    """Give photos of a claim back until the place has had time to heal: this try does not count.

    `pks` are those that met the fault; without, all of the claim, which would have.
    """
    held = Inspection.objects.filter(claim=token, state=State.RUNNING)
    untried = {"state": State.WAITING, "claim": None, "lease_until": None, "attempts": F("attempts") - 1}
    if not pks:
        return held.update(**untried, **_told(fault), wait_until=clock.seconds_from_now(BESIDE))
    met = held.filter(pk__in=list(pks))
    return met.update(**untried, **_told(fault), wait_until=_next_try(), waits=F("waits") + 1)


def hold_others(category_id: int, fault: Fault) -> int:
    """Those of the category that were not tried yet wait for the same, and say so."""
    fresh = Inspection.objects.filter(category_id=category_id, state=State.WAITING, wait_until=None)
    return fresh.update(**_told(fault), wait_until=clock.seconds_from_now(BESIDE))


def hold_counted(token: UUID, message: str) -> int:
    """Give photos of a claim back after a fault of the program; those tried too often are FAILED."""
    held = Inspection.objects.filter(claim=token, state=State.RUNNING, attempts__lt=settings.MAX_ATTEMPTS)
    cases = [When(attempts=n + 1, then=clock.seconds_from_now(one)) for n, one in enumerate(COUNTED)]
    until = Case(*cases, default=clock.seconds_from_now(COUNTED[-1]))
    held.update(**_told(Fault(PROGRAM, AFTER_FAULT)), wait_until=until)
    return jobs.give_back(Inspection, token, code=PROGRAM, message=message)


def release() -> int:
    """The place is well: what waits for that goes on at once. Returns how many."""
    waiting = Inspection.objects.filter(
        state=State.WAITING, wait_until__gt=clock.now(), wait_alone=False
    ).exclude(wait_code=PROGRAM)
    categories = list(waiting.order_by().values_list("category_id", flat=True).distinct())
    if not categories:
        return 0
    released = waiting.filter(waits=0).update(**CLEARED)
    released += waiting.update(wait_until=clock.now(), wait_alone=True, waits=1)
    log.warning("the place is well again: %s photos go on", released)
    for category_id in categories:
        nudge(ANALYSE, category_id)
    return released


def try_now(inspection: Inspection, *, by: Who, operation: UUID | None = None) -> Inspection:
    """A person does not want to wait for the next try. Raises Conflict "not_held"."""
    held = Inspection.objects.filter(pk=inspection.pk, state=State.WAITING).exclude(wait_code="")
    if not held.update(wait_until=clock.now()):
        raise Conflict("not_held", f"{inspection} is not waiting for another try any more. Reload the page.")
    record(by, "try inspection now", inspection, operation=operation, was=inspection.wait_code)
    nudge(ANALYSE, inspection.category_id)
    inspection.refresh_from_db()
    return inspection


def _told(fault: Fault) -> dict[str, object]:
    return {
        "wait_since": Coalesce("wait_since", clock.now()),
        "wait_code": fault.code,
        "wait_message": fault.message,
    }


def _next_try() -> Case:
    """By how often it waited alone: `waits`, which is 1 when it was brought back."""
    cases = [
        When(wait_alone=True, waits=n, then=clock.seconds_from_now(seconds))
        for n, seconds in enumerate(ALONE, start=1)
    ]
    long_since = When(wait_alone=True, then=clock.seconds_from_now(ALONE[-1]))
    return Case(*cases, long_since, default=clock.seconds_from_now(MET))
