"""What a task may ask about the process it runs in."""

import functools
import os

from celery.worker import state

NICENESS = 10


@functools.cache
def lower_priority() -> None:
    """Inspections on the same machine go first. Once, before threads are started: they inherit it."""
    os.nice(NICENESS)


def shutting_down() -> bool:
    """Whether this worker was told to end; Celery notes it as the exit status, which may be 0."""
    flags = (state.should_stop, state.should_terminate)
    return any(flag is not None and flag is not False for flag in flags)
