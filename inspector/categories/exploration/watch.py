"""Keeping an eye on a look at samples: tell how far it is, hold its lease, hear that this process ends."""

import logging
import time
import uuid
from collections.abc import Callable

from django.db import DatabaseError, connection

from detection import Cancelled
from inspector.categories.models import Exploration
from inspector.core import jobs

logger = logging.getLogger(__name__)
WRITE_SECONDS = 1.0


class Watch:
    """Called at every photo; goes to the database about once a second.

    After should_stop said yes, `lost` says that the lease is another worker's; else this process ends.
    """

    def __init__(self, token: uuid.UUID, shutting_down: Callable[[], bool]) -> None:
        self.token = token
        self.lost = self.leaving = False
        self._shutting_down = shutting_down
        # Empty at first: what a former try had reached is not where this one is.
        self._progress: dict[str, int] = {}
        self._written = float("-inf")

    def on_progress(self, done: int, total: int) -> None:
        self._progress = {"done": done, "total": total}
        self._maybe_write()

    def should_stop(self) -> bool:
        self.leaving = self.leaving or self._shutting_down()
        self._maybe_write()
        return self.lost or self.leaving

    def go_on(self) -> None:
        """Raises Cancelled when one should not."""
        if self.should_stop():
            raise Cancelled("The exploration was stopped.")

    def _maybe_write(self) -> None:
        if time.monotonic() - self._written < WRITE_SECONDS:
            return
        self._written = time.monotonic()
        try:
            self.lost = not jobs.renew(Exploration, self.token, progress=self._progress)
        except DatabaseError:
            # The database is away for a moment: the look goes on, the lease has time left.
            logger.warning("could not store the progress of an exploration", exc_info=True)
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
