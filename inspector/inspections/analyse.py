"""Judging the waiting photos of a category: claim, decode, predict as one batch, draw, write once.

Claims move as on a line: while the detector judges one, the next is decoded and the pictures of
the last are drawn, in threads. A photo that was tried before goes alone, with nothing beside it:
if it is what kills workers, it takes no others along. Every step has a time limit; a fault of the place
(storage, database, memory, GPU) is not the photos' own: they wait (`hold`).
"""

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q, QuerySet

from inspector.categories.models import Category
from inspector.core import jobs, worker
from inspector.core.attempt import never, patiently
from inspector.core.heartbeat import Heartbeat
from inspector.core.jobs import State
from inspector.core.lanes import Lanes
from inspector.core.nudge import nudge
from inspector.inspections import claimed_batch, hold
from inspector.inspections.claimed_batch import ClaimedBatch
from inspector.inspections.hold import ANALYSE
from inspector.inspections.models import Inspection
from inspector.inspections.pace import Pace
from inspector.inspections.place import MEMORY, OVERDUE, Fault, fault_of_place

log = logging.getLogger(__name__)

THREADS = 2
# Claims in a row. Then the category queues again behind the others, so that none waits for ever.
TURN = 16
TRIED_TOO_OFTEN = (
    f"The photo could not be judged in {settings.MAX_ATTEMPTS} attempts because of a fault in the program, "
    "the disk or the network. Press Retry; if it happens again, tell an admin: the worker's log says why."
)


def analyse_waiting(category_id: int, *, should_stop: Callable[[], bool] = never) -> int:
    """Judge what waits in a category; how many photos came to an end (verdict or FAILED) here.

    Stops early, with nothing half done, when `should_stop` says so, after its turn, or at a fault that is
    not the photos' own; what is left waits for the next nudge.
    """
    waiting = Inspection.objects.filter(hold.due(), category_id=category_id, state=State.WAITING)
    if not waiting.exists():
        return 0
    category = Category.objects.get(pk=category_id)
    pipeline = Pipeline(category, should_stop)
    with pipeline.heartbeat, pipeline.lanes:
        # More than one claim: another worker may help, or this one continues after its turn.
        called = waiting[settings.ANALYSE_BATCH_SIZE :].exists() and nudge(ANALYSE, category_id)
        pipeline.run(waiting)
    if pipeline.turns_left == 0 and not called and waiting.exists():
        nudge(ANALYSE, category_id)
    return pipeline.ended


class Pipeline:
    """The claims of one worker on their way through a category."""

    def __init__(self, category: Category, should_stop: Callable[[], bool]) -> None:
        self.category = category
        self.should_stop = should_stop
        self.heartbeat = Heartbeat(Inspection, self._stuck)
        self.pace = Pace(self.heartbeat)
        self.lanes = Lanes(THREADS, "pictures", self.pace.alive)
        self.turns_left = TURN
        self.ended = self.judged = 0
        self.held: list[ClaimedBatch] = []

    def run(self, waiting: QuerySet[Inspection]) -> None:
        tried = Q(attempts__gt=0) | Q(waits__gt=0)
        try:
            while step := self._take(waiting.filter(tried), 1):
                claimed_batch.judge(step, self.lanes, self.pace)
                self._write(step)
            self._run_together(waiting.filter(attempts=0, waits=0))
        except Exception as problem:
            fault = fault_of_place(problem)
            if fault:
                log.warning("%s: the photos being judged wait: %r", self.category, problem)
            else:
                log.exception("%s: the photos being judged are given back", self.category)
            self._give_back(fault)

    def _run_together(self, fresh: QuerySet[Inspection]) -> None:
        leaving: ClaimedBatch | None = None
        coming = self._take(fresh, settings.ANALYSE_BATCH_SIZE)
        while coming:
            step = coming
            coming = self._take(fresh, settings.ANALYSE_BATCH_SIZE)
            claimed_batch.judge(step, self.lanes, self.pace)
            if leaving:
                self._write(leaving)
            leaving = step
        if leaving:
            self._write(leaving)

    def _take(self, rows: QuerySet[Inspection], limit: int) -> ClaimedBatch | None:
        """Claim rows and start to decode them; None when there are none or it is time to stop."""
        self.pace.alive()
        # Again when another worker was faster: there may be more than it took.
        while self.turns_left and not self.should_stop() and rows.exists():
            claim = jobs.claim(rows, limit)
            if claim.ids:
                self.turns_left -= 1
                self.heartbeat.tokens.add(claim.token)
                step = ClaimedBatch(claim)
                self.held.append(step)
                self.pace.expect("load")
                step.judge = claimed_batch.judge_of(self.category)
                self.pace.alive()
                claimed_batch.start(step, self.lanes)
                return step
        return None

    def _write(self, step: ClaimedBatch) -> None:
        self.ended += claimed_batch.write(step, self.lanes, self.pace)
        self.held.remove(step)
        self.heartbeat.tokens.discard(step.claim.token)
        if not self.judged and any(item.pictures for item in step.items):
            self.judged += 1
            hold.release()

    def _give_back(self, fault: Fault | None) -> None:
        """Tried again later; after a fault that is not the place's, those tried too often are FAILED."""
        for step in self.held:
            self.pace.alive()
            step.cancel(self.lanes)
            met = _met(step, fault)
            _patiently(lambda step=step, met=met: _return(step, fault, met))  # type: ignore[misc]
        if fault:
            _patiently(lambda: hold.hold_others(self.category.pk, fault))

    def _stuck(self, step: str) -> None:
        """Called outside this thread, which may never return: no lease is held for it any longer."""
        fault = OVERDUE.get(step)
        for held in tuple(self.held):
            _return(held, fault, [])
        worker.replace(f"the step “{step}” hangs")


def _met(step: ClaimedBatch, fault: Fault | None) -> list[int]:
    """Those that met the fault; all, where the model found no memory to be loaded into."""
    if not step.items and fault and fault.code in MEMORY:
        return list(step.claim.ids)
    return [item.row.pk for item in step.items if item.wait]


def _return(step: ClaimedBatch, fault: Fault | None, met: list[int]) -> None:
    if fault is None:
        hold.hold_counted(step.claim.token, TRIED_TOO_OFTEN)
        return
    if met:
        hold.give_up(step.claim.token, fault, met)
        hold.hold(step.claim.token, fault, met)
    hold.hold(step.claim.token, fault)


def _patiently(write: Callable[[], object]) -> None:
    try:
        patiently(write)
    except DatabaseError:
        log.exception("photos are not given back either; their leases will run out")
