"""Holding claims while slow work makes progress, and giving them up when it no longer does."""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from types import TracebackType

from django.conf import settings
from django.db import DatabaseError, connection

from inspector.core import jobs

log = logging.getLogger(__name__)


class Heartbeat:
    """Renews the leases of `tokens` from a thread of its own, three times in each, as long as work goes on.

    The worker says with `expect` what comes next and how long it may take. When that is over the
    leases are no longer renewed, and `stuck` is called once with the step's name: from here, because the
    thread that works may never come back.
    """

    def __init__(self, model: type[jobs.Job], stuck: Callable[[str], None] = lambda step: None) -> None:
        self.tokens: set[uuid.UUID] = set()
        self._model = model
        self._stuck = stuck
        self._step, self._until = "", float("inf")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def expect(self, step: str, seconds: float) -> None:
        """The next sign of progress comes within this many seconds."""
        self._step, self._until = step, time.monotonic() + seconds

    def _beat(self) -> None:
        every = settings.LEASE_SECONDS / 3
        while not self._over.wait(min(every, max(0.05, self._until - time.monotonic()))):
            if time.monotonic() >= self._until:
                log.error("the step “%s” takes too long: its rows are given up", self._step)
                self._guarded(lambda: self._stuck(self._step))
                return
            self._guarded(self._renew)

    def _renew(self) -> None:
        for token in tuple(self.tokens):
            jobs.renew(self._model, token)

    def _guarded(self, call: Callable[[], None]) -> None:
        try:
            call()
        except DatabaseError as problem:
            log.warning("a lease could not be renewed (%s); tried again shortly", problem)
        finally:
            connection.close()
