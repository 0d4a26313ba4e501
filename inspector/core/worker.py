"""What a task may ask about the process it runs in."""

import functools
import os

from celery.worker import state

NICENESS = 10


@functools.cache
def lower_priority() -> None:
    """Inspections on the same machine go first. Once, before threads are started: they inherit it.

    One core is left to them: threads of a training that have to wait for each other on a busy core are
    together slower than one alone. OMP_NUM_THREADS decides where it is set.
    """
    os.nice(NICENESS)
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) - 1)))


def shutting_down() -> bool:
    """Whether this worker was told to end; Celery notes it as the exit status, which may be 0."""
    flags = (state.should_stop, state.should_terminate)
    return any(flag is not None and flag is not False for flag in flags)
