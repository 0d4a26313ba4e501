"""Holding claims while slow work goes on."""

import logging
import threading
import uuid
from types import TracebackType

from django.conf import settings
from django.db import DatabaseError, connection

from inspector.core import jobs

log = logging.getLogger(__name__)


class Heartbeat:
    """Renews the leases of `tokens` from a thread of its own, three times in each.

    However long one step takes, a lease runs out only when the whole process is gone or stuck.
    """

    def __init__(self, model: type[jobs.Job]) -> None:
        self.tokens: set[uuid.UUID] = set()
        self._model = model
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(settings.LEASE_SECONDS / 3):
            try:
                for token in tuple(self.tokens):
                    jobs.renew(self._model, token)
            except DatabaseError as problem:
                log.warning("a lease could not be renewed (%s); tried again shortly", problem)
            finally:
                connection.close()
