"""Judging the photos that wait in a category: claim, decode, predict as one batch, draw, write once.

Claims move as on a line: while the detector looks at one, the next is decoded and the pictures of
the last are drawn, in threads. A photo that was tried before goes alone, with nothing beside it:
if it is what kills workers, it takes no others along.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import DatabaseError
from django.db.models import QuerySet

from inspector.categories.models import Category
from inspector.core import jobs
from inspector.core.errors import NoRoom
from inspector.core.heartbeat import Heartbeat
from inspector.core.jobs import State
from inspector.core.nudge import nudge
from inspector.inspections import steps
from inspector.inspections.models import Inspection
from inspector.inspections.steps import Step
from inspector.inspections.submit import ANALYSE

log = logging.getLogger(__name__)

THREADS = 2
# Claims in one go. Then the category queues up again behind the others, so that none has to wait for ever.
TURN = 16
TRIED_TOO_OFTEN = (
    f"The photo could not be judged in {settings.MAX_ATTEMPTS} attempts because of a fault in the program, "
    "the disk or the network. Press Retry; if it happens again, tell an admin: the worker's log says why."
)


def never() -> bool:
    return False


def analyse_waiting(category_id: int, *, should_stop: Callable[[], bool] = never) -> int:
    """Judge what waits in a category; how many photos came to an end (verdict or FAILED) here.

    Stops early, with nothing half done, when `should_stop` says so, after its turn, or at a fault that is
    not the photos' own; what is left waits for the next nudge.
    """
    waiting = Inspection.objects.filter(category_id=category_id, state=State.WAITING)
    if not waiting.exists():
        return 0
    category = Category.objects.get(pk=category_id)
    with ThreadPoolExecutor(THREADS, "pictures") as pool, Heartbeat(Inspection) as heartbeat:
        line = Line(category, pool, heartbeat, should_stop)
        # More than one claim: another worker may help, or this one goes on after its turn.
        called = waiting[settings.ANALYSE_BATCH_SIZE :].exists() and nudge(ANALYSE, category_id)
        line.run(waiting)
    if line.turns_left == 0 and not called and waiting.exists():
        nudge(ANALYSE, category_id)
    return line.ended


class Line:
    """The claims of one worker on their way through a category."""

    def __init__(
        self,
        category: Category,
        pool: ThreadPoolExecutor,
        heartbeat: Heartbeat,
        should_stop: Callable[[], bool],
    ) -> None:
        self.category = category
        self.pool = pool
        self.heartbeat = heartbeat
        self.should_stop = should_stop
        self.turns_left = TURN
        self.ended = 0
        self.held: list[Step] = []

    def run(self, waiting: QuerySet[Inspection]) -> None:
        try:
            while step := self._take(waiting.filter(attempts__gt=0), 1):
                steps.judge(step, self.pool)
                self._write(step)
            self._run_together(waiting.filter(attempts=0))
        except NoRoom as full:
            log.warning("%s: the photos being judged are given back: %s", self.category, full)
            self._give_back(full.code, f"{full} Then press Retry.")
        except Exception:
            log.exception("%s: the photos being judged are given back", self.category)
            self._give_back("worker_fault", TRIED_TOO_OFTEN)

    def _run_together(self, fresh: QuerySet[Inspection]) -> None:
        leaving: Step | None = None
        coming = self._take(fresh, settings.ANALYSE_BATCH_SIZE)
        while coming:
            step = coming
            coming = self._take(fresh, settings.ANALYSE_BATCH_SIZE)
            steps.judge(step, self.pool)
            if leaving:
                self._write(leaving)
            leaving = step
        if leaving:
            self._write(leaving)

    def _take(self, rows: QuerySet[Inspection], limit: int) -> Step | None:
        """Claim rows and start to decode them; None when there are none or it is time to stop."""
        # Again when another worker was faster: there may be more than it took.
        while self.turns_left and not self.should_stop() and rows.exists():
            claim = jobs.claim(rows, limit)
            if claim.ids:
                self.turns_left -= 1
                self.heartbeat.tokens.add(claim.token)
                step = Step(claim)
                self.held.append(step)
                steps.start(step, self.category, self.pool)
                return step
        return None

    def _write(self, step: Step) -> None:
        self.ended += steps.write(step)
        self.held.remove(step)
        self.heartbeat.tokens.discard(step.claim.token)

    def _give_back(self, code: str, message: str) -> None:
        """Tried again; those that were too often are FAILED with this."""
        for step in self.held:
            step.cancel()
            try:
                jobs.give_back(Inspection, step.claim.token, code=code, message=message)
            except DatabaseError:
                log.exception("%s: not given back either; the lease will run out", self.category)
