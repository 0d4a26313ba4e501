"""One worker's attempt at a long job: what the job may ask and report while it runs."""

import logging
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.models import Q

from detection import Cancelled
from inspector.core import jobs
from inspector.core.heartbeat import Heartbeat
from inspector.core.jobs import LongJob

log = logging.getLogger(__name__)

WRITE_SECONDS = 1.0
NOT_CANCELLED = Q(cancel_requested=False)
# A database that restarts is back after this many seconds.
PATIENCE_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0)
AnyLongJob = TypeVar("AnyLongJob", bound=LongJob)
Result = TypeVar("Result")


def never() -> bool:
    """Where nothing asks a process to end: a command, a test."""
    return False


class LeaseLost(Exception):
    """The lease ran out and the job is another worker's now: what was made here is dropped."""


class Attempt(Generic[AnyLongJob]):
    """Call `report_progress` and `should_stop` as often as you like: they ask the database once a second.

    After should_stop said yes, one of these says why: `lost` (the lease is another worker's), `leaving`
    (this process has to end); otherwise somebody cancelled the job. `progress` is the last that was reported;
    the end of the job writes it, since up to a second of it is not in the database yet.
    """

    def __init__(
        self,
        job: AnyLongJob,
        token: uuid.UUID,
        *,
        shutting_down: Callable[[], bool] = never,
        on_progress: Callable[[dict[str, Any]], None] | None = None,
        progress: dict[str, Any] | None = None,
    ) -> None:
        self.job, self.token = job, token
        self.progress: dict[str, Any] = progress or {}
        self.lost = self.leaving = self.cancelled = self.finished = False
        self._on_progress, self._shutting_down = on_progress, shutting_down
        self._written = float("-inf")
        self._heartbeat: Heartbeat | None = None

    def report_progress(self, **progress: Any) -> None:
        """How far the job is."""
        self.progress = progress
        if self._on_progress:
            self._on_progress(progress)
        self._maybe_write()

    def should_stop(self) -> bool:
        """Also between two steps of progress, so that a long one keeps its lease."""
        self.leaving = self.leaving or self._shutting_down()
        self._maybe_write()
        return self.lost or self.leaving or self.cancelled

    def go_on(self) -> None:
        """Raise Cancelled where the job should stop."""
        if self.should_stop():
            raise Cancelled(f"{self.job} was stopped.")

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Keeps the lease as long as the job says something now and then.

        On a machine whose cores are all busy a job of low priority may be silent for longer than a lease. One
        that is silent for SILENCE_SECONDS has hung, and its lease is given up.
        """
        with Heartbeat(type(self.job)) as self._heartbeat:
            self._heartbeat.tokens.add(self.token)
            self._heartbeat.expect("progress", settings.SILENCE_SECONDS)
            yield

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps the lease through a step that reports nothing, however long it takes."""
        with Heartbeat(type(self.job)) as heartbeat:
            heartbeat.tokens.add(self.token)
            yield

    def finish(self, **values: Any) -> None:
        """Write the result and end the job as DONE. Call it in the transaction that stores the result.

        Raises LeaseLost, and Cancelled where somebody has cancelled it since `should_stop` was last asked, so
        that the transaction leaves nothing behind.
        """
        values = {"progress": self.progress} | values
        model = type(self.job)
        if not jobs.finish(model, self.job.pk, self.token, only=NOT_CANCELLED, **values):
            if jobs.held(model, self.token).exists():
                raise Cancelled(f"{self.job} was stopped.")
            raise LeaseLost
        self.finished = True

    def _maybe_write(self) -> None:
        if time.monotonic() - self._written >= WRITE_SECONDS:
            self._write()

    def _write(self) -> None:
        self._written = time.monotonic()
        if self._heartbeat:
            self._heartbeat.expect("progress", settings.SILENCE_SECONDS)
        model = type(self.job)
        try:
            self.lost = not jobs.renew(model, self.token, progress=self.progress)
            self.cancelled = model._default_manager.filter(pk=self.job.pk, cancel_requested=True).exists()
        except DatabaseError:
            # It is away for a moment: the job continues, the lease has time left.
            log.warning("%s: its progress could not be stored", self.job, exc_info=True)
            _reconnect()


def patiently(write: Callable[[], Result]) -> Result:
    """Write into a database that may be restarting. Raises what it raised at last."""
    for seconds in PATIENCE_SECONDS:
        try:
            return write()
        except (OperationalError, InterfaceError) as problem:
            log.warning("the database does not answer (%s); tried again in %s s", problem, seconds)
            _reconnect()
            time.sleep(seconds)
    return write()


def _reconnect() -> None:
    if not connection.in_atomic_block:
        connection.close()
