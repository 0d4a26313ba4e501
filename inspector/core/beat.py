"""When the sweeps are due. Kept in memory only: they are cheap, and due again soon after each start.

Celery's usual scheduler keeps a file of when each ran last. A clock that was in the future for a moment
would stop every sweep until that future has come.
"""

import time
from typing import Any

from celery import beat


class Scheduler(beat.Scheduler):
    """Starts counting again if the clock was set back, whether in this process or before it began."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._last_tick = time.time()
        super().__init__(*args, **kwargs)

    def tick(self, **kwargs: Any) -> float:
        now = time.time()
        if now < self._last_tick:
            for entry in self.schedule.values():
                entry.last_run_at = entry.default_now()
            self._heap = None
        self._last_tick = now
        return float(super().tick(**kwargs))
