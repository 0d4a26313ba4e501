"""What a task may ask about the process it runs in."""

import functools
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path

from celery.worker import state
from django.conf import settings

log = logging.getLogger(__name__)
AUTOGROUP = Path("/proc/self/autogroup")

NICENESS = 10  # about a tenth of what others get
IDLE = 19  # a session's: about a hundredth
# Set where this process is a worker that may be replaced, and not a command or a test.
replaceable = False


@functools.cache
def lower_priority(*, may_idle: bool = True) -> None:
    """Inspections on the same machine go before long jobs. Once, before threads are started: they inherit it.

    may_idle: nobody waits for the job, so it may run only when nothing else wants the processor. One core is
    left to the inspections: threads of a job that have to wait for each other on a busy core are together
    slower than one alone. INSPECTOR_TRAIN_THREADS decides where it is set, else OMP_NUM_THREADS.
    """
    os.nice(NICENESS)
    idle = may_idle and settings.TRAIN_PRIORITY == "idle"
    if idle:
        with suppress(AttributeError, OSError):  # another system, or it is forbidden here
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    with suppress(OSError):
        # Linux may share the processor among sessions first, and then a process's own priority counts within
        # its session only. honcho and Docker start each process in one of its own.
        if _session_is_its_own():
            AUTOGROUP.write_text(str(IDLE if idle else NICENESS))
    if settings.TRAIN_THREADS:
        os.environ["OMP_NUM_THREADS"] = str(settings.TRAIN_THREADS)
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) - 1)))


def _session_is_its_own() -> bool:
    """Whether nothing but this process, and the shell that started it, is in its session."""
    return os.getsid(0) in (os.getpid(), os.getppid()) and not _has_terminal()


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        return False
    return True


def shutting_down() -> bool:
    """Whether this worker has to end; Celery notes it as the exit status, which may be 0."""
    flags = (state.should_stop, state.should_terminate)
    return any(flag is not None and flag is not False for flag in flags)


def replace(reason: str) -> None:
    """Restart this worker in the same process: threads that hang cannot be ended in any other way.

    Rows it held have been given back by then, or come free when their lease runs out.
    """
    if not replaceable:
        return
    log.error("this worker restarts: %s", reason)
    logging.shutdown()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  # what it was started as
