"""Photos held back by a fault of the place: when they are tried again, and which continue when it is over.

Those that met the fault wait longer than those given back beside them, so that others are tried first.
The first photo that passes brings all back. One that then meets a fault again has a problem with the place by
itself: it keeps a pace of its own, whatever else passes. Where that fault is a lack of memory, the photo
or the model is too large, and it is FAILED after some tries.
"""

import logging
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, When
from django.db.models.functions import Coalesce

from inspector.core import clock, jobs
from inspector.core.errors import Conflict
from inspector.core.events import Who, record
from inspector.core.jobs import State
from inspector.core.nudge import nudge
from inspector.inspections.events import InspectionEvent
from inspector.inspections.models import Inspection
from inspector.inspections.place import MEMORY, Fault

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
CLEARED: dict[str, Any] = {
    "wait_until": None,
    "waits": 0,
    "wait_since": None,
    "wait_code": "",
    "wait_message": "",
    "wait_alone": False,
    "others_passed": False,
}
# Tries by itself, each with others judged before it, until a lack of memory is the photo's own.
MEMORY_TRIES = 3
TOO_LARGE = (
    f"THERE not enough memory for this photo in {MEMORY_TRIES} tries, although other photos were judged "
    "meanwhile: the photo or the category's model is too large for this machine. Send a smaller photo, or "
    "tell an admin: give the worker more memory or train with a smaller image size, then press Retry."
)


def due() -> Q:
    """Of those that wait: what may be tried now."""
    return Q(wait_until__isnull=True) | Q(wait_until__lte=clock.now())


def hold(token: UUID, fault: Fault, pks: Iterable[int] = ()) -> int:
    """Give photos of a claim back until the fault has had time to pass: this try does not count.

    `pks` are those that met the fault; without, all of the claim, which would have.
    """
    held = jobs.held(Inspection, token)
    if not pks:
        until = clock.seconds_from_now(BESIDE)
        return jobs.give_back_untried(held, **_why(fault), wait_until=until)
    met = held.filter(pk__in=list(pks))
    return jobs.give_back_untried(met, **_why(fault), **_next_try(), others_passed=False)


def give_up(token: UUID, fault: Fault, pks: Iterable[int]) -> int:
    """FAIL those that lack memory again and again while others do not. Returns how many."""
    if fault.code not in MEMORY:
        return 0
    tried = Inspection.objects.filter(wait_alone=True, others_passed=True, waits__gte=MEMORY_TRIES)
    there = "The GPU had" if fault.code == "gpu_out_of_memory" else "There was"
    reason = {"code": fault.code, "message": TOO_LARGE.replace("THERE", there)}
    ids = tried.filter(claim=token, pk__in=list(pks)).values_list("pk", flat=True)
    return sum(jobs.fail(Inspection, pk, token, **reason, **CLEARED) for pk in ids)


def hold_others(category_id: int, fault: Fault) -> int:
    """Those of the category that were not tried yet wait for the same, and say so."""
    fresh = Inspection.objects.filter(category_id=category_id, state=State.WAITING, wait_until=None)
    return fresh.update(**_why(fault), wait_until=clock.seconds_from_now(BESIDE))


def hold_counted(token: UUID, message: str) -> int:
    """Give photos of a claim back after a fault of the program; those tried too often are FAILED."""
    held = jobs.held(Inspection, token).filter(attempts__lt=settings.MAX_ATTEMPTS)
    cases = [When(attempts=n + 1, then=clock.seconds_from_now(one)) for n, one in enumerate(COUNTED)]
    until = Case(*cases, default=clock.seconds_from_now(COUNTED[-1]))
    held.update(**_why(Fault(PROGRAM, AFTER_FAULT)), wait_until=until)
    return jobs.give_back(Inspection, token, code=PROGRAM, message=message)


def release() -> int:
    """The fault is over: what waited for that continues at once. Returns how many."""
    held = Inspection.objects.filter(state=State.WAITING, wait_until__isnull=False, others_passed=False)
    held = held.exclude(wait_code=PROGRAM)
    groups = list(held.order_by().values_list("category_id", "wait_alone").distinct())
    if not groups:
        return 0
    held.filter(wait_alone=True).update(others_passed=True)
    categories = {category_id for category_id, alone in groups if not alone}
    waiting = held.filter(wait_alone=False)
    released = waiting.filter(waits=0).update(**CLEARED)
    released += waiting.update(wait_until=clock.now(), wait_alone=True, waits=1, others_passed=True)
    if released:
        log.warning("the fault is over: %s photos continue", released)
    for category_id in categories:
        nudge(ANALYSE, category_id)
    return released


def try_now(inspection: Inspection, *, by: Who, operation: UUID | None = None) -> Inspection:
    """A person does not want to wait for the next try. Raises Conflict "not_held"."""
    held = Inspection.objects.filter(pk=inspection.pk, state=State.WAITING).exclude(wait_code="")
    with transaction.atomic():
        if not held.update(wait_until=clock.now()):
            raise Conflict(
                "not_held", f"{inspection} is not waiting for another try any more. Reload the page."
            )
        record(by, InspectionEvent.TRIED_NOW, inspection, operation=operation, was=inspection.wait_code)
    nudge(ANALYSE, inspection.category_id)
    inspection.refresh_from_db()
    return inspection


def _why(fault: Fault) -> dict[str, object]:
    return {
        "wait_since": Coalesce("wait_since", clock.now()),
        "wait_code": fault.code,
        "wait_message": fault.message,
    }


def _next_try() -> dict[str, Case]:
    """By how often it waited alone while others passed: `waits`, which is 1 when it was brought back."""
    cases = [
        When(wait_alone=True, waits=n, then=clock.seconds_from_now(seconds))
        for n, seconds in enumerate(ALONE, start=1)
    ]
    long_since = When(wait_alone=True, then=clock.seconds_from_now(ALONE[-1]))
    stays = When(wait_alone=True, others_passed=False, then=F("waits"))
    return {
        "wait_until": Case(*cases, long_since, default=clock.seconds_from_now(MET)),
        "waits": Case(stays, default=F("waits") + 1),
    }
