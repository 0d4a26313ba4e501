"""One runner for every kind of long job: training, exploration, and those still to come.

A kind is a model (a `jobs.LongJob`), a function that does it, and a line in the app's `work_kinds`. The
function says what the job does; everything else is done here: claim, lease, progress, cancelling, shutdown,
faults, lost leases (`endings`), and the sweep.
"""

import importlib
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic

from django.db import transaction
from django.db.models import Q, QuerySet

from inspector.core import clock, jobs
from inspector.core.attempt import AnyLongJob, Attempt, never
from inspector.core.endings import handle
from inspector.core.errors import Conflict
from inspector.core.jobs import LongJob, State
from inspector.core.nudge import nudge, nudge_each

log = logging.getLogger(__name__)

TASK = "inspector.core.tasks.work"
# Not that of photos, for which somebody waits; and short jobs that somebody looks at wait for no training.
QUEUE, EXPLAIN_QUEUE = "train", "explain"


@dataclass(frozen=True)
class Kind(Generic[AnyLongJob]):
    """One kind of long job.

    name: a noun, such as “training”; `do` does the job, and may end it by `Attempt.finish`. doing: what the
    health page says of a worker at it, “{}” for the id. related: what `do` reads of other tables.
    resumes: a further attempt begins with the progress of the one before; otherwise with none. forget:
    removes old ones, at every sweep. queue: whose workers do it. takes: which rows a worker may take; the
    others are done along with one of these, and `follow` brings them into step with it: after an attempt, and
    at every sweep. again: what a person does about one that failed, as the page offers it. loads: a module
    that takes long to load, "" for none. It is loaded before a job is claimed: meanwhile no other thread
    runs, and on a busy machine the lease would run out.
    """

    name: str
    model: type[AnyLongJob]
    do: Callable[[Attempt[AnyLongJob]], None]
    doing: str
    related: tuple[str, ...] = ()
    resumes: bool = False
    forget: Callable[[], object] | None = None
    queue: str = QUEUE
    takes: Q = field(default_factory=Q)
    follow: Callable[[], object] | None = None
    again: str = "press Retry"
    loads: str = ""

    def rows(self) -> QuerySet[AnyLongJob]:
        return self.model._default_manager.select_related(*self.related)


_kinds: dict[str, Kind[Any]] = {}


def register(kind: Kind[Any]) -> None:
    _kinds[kind.name] = kind


def kinds() -> tuple[Kind[Any], ...]:
    return tuple(_kinds.values())


def kind(name: str) -> Kind[Any]:
    return _kinds[name]


def kind_of(model: type[LongJob]) -> Kind[Any]:
    return next(kind for kind in kinds() if kind.model is model)


def send(job: LongJob) -> bool:
    """Notify a worker of a waiting job, when the transaction has committed."""
    kind = kind_of(type(job))
    return nudge(TASK, kind.name, job.pk, queue=kind.queue)


def cancel(job: LongJob) -> bool:
    """A waiting job ends at once; a running one is asked to, and ends within a few seconds.

    False: it is over already. Call it inside a transaction.
    """
    this = type(job)._default_manager.filter(pk=job.pk)
    waiting, running = this.filter(state=State.WAITING), this.filter(state=State.RUNNING)
    ended = waiting.update(state=State.CANCELLED, finished=clock.now(), cancel_requested=True)
    was_open = bool(ended or running.update(cancel_requested=True))
    job.refresh_from_db()
    return was_open


def stop(job: LongJob, code: str) -> None:
    """`cancel`, in a transaction of its own. Raises Conflict with this code where the job is over already."""
    with transaction.atomic():
        if not cancel(job):
            raise Conflict(code, f"{job} is already {job.get_state_display().lower()}.")


def retry(job: LongJob) -> bool:
    """The failed job waits again. False: it has not failed. Call it inside a transaction, then `send`."""
    kind = kind_of(type(job))
    fresh: dict[str, Any] = {} if kind.resumes else {"progress": {}}
    this = kind.model._default_manager.filter(pk=job.pk)
    return bool(jobs.retry(this, cancel_requested=False, error_details="", **fresh))


def sweep() -> int:
    """Give back what dead workers held and send for every waiting job again; how many those are."""
    waiting = 0
    for kind in kinds():
        rows = _waiting(kind)
        nudge_each(TASK, [(kind.name, pk) for pk in rows], queue=kind.queue)
        waiting += len(rows)
        if kind.follow:
            kind.follow()
        if kind.forget:
            kind.forget()
    return waiting


def _waiting(kind: Kind[Any]) -> list[int]:
    model = kind.model
    # They were cancelled, and their workers died or were shut down before they could stop.
    open_still = Q(state=State.WAITING) | jobs.lost()
    stopped = model._default_manager.filter(kind.takes, open_still, cancel_requested=True)
    stopped.update(state=State.CANCELLED, claim=None, lease_until=None, finished=clock.now())
    given_back, failed = jobs.expire(model, again=kind.again)
    if given_back or failed:
        name = model._meta.verbose_name
        log.warning("workers were lost: %s %s given back, %s failed", given_back, name, failed)
    rows = model._default_manager.filter(kind.takes, state=State.WAITING)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def run(
    model: type[AnyLongJob],
    pk: int,
    *,
    shutting_down: Callable[[], bool] = never,
    on_progress: Callable[[dict[str, Any]], None] | None = None,
) -> AnyLongJob | None:
    """Do a waiting job to its end and return it; None if it could not be claimed."""
    kind: Kind[AnyLongJob] = kind_of(model)
    if kind.loads:
        with suppress(ImportError):  # the job will say so
            importlib.import_module(kind.loads)
    claim = jobs.claim(model._default_manager.filter(kind.takes, pk=pk), 1)
    if not claim.ids:
        return None
    job = kind.rows().get(pk=pk)
    before = job.progress if kind.resumes else {}
    attempt = Attempt(job, claim.token, shutting_down=shutting_down, on_progress=on_progress, progress=before)
    handle(kind.name, kind.do, attempt, again=kind.again)
    if kind.follow:
        kind.follow()
    return kind.rows().filter(pk=pk).first()
