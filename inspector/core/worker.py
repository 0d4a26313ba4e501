"""What a task may ask about the process it runs in."""

import functools
import logging
import os
import sys

from celery.worker import state

log = logging.getLogger(__name__)

NICENESS = 10
# Set where this process is a worker that may be replaced, and not a command or a test.
replaceable = False


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


def replace(reason: str) -> None:
    """Begin this worker anew, in the same process: threads that hang cannot be ended in any other way.

    Rows it held have been given back by then, or come free when their lease runs out.
    """
    if not replaceable:
        return
    log.error("this worker starts anew: %s", reason)
    logging.shutdown()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  # what it was started as
