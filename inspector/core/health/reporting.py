"""A worker reports itself from a thread of its own: a training may hold the worker for hours."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection
from django.db.models.functions import Now

from inspector import __version__
from inspector.core.health.processes import BEAT, GONE_SECONDS, REPORT_SECONDS
from inspector.core.models import Process

log = logging.getLogger(__name__)

_words: dict[str, Callable[..., str]] = {}


def describe(task: str, words: Callable[..., str]) -> None:
    """What a worker does while it works on such a task; `words` is called with the task's arguments."""
    _words[task] = words


def words_of(task: str, arguments: Iterable[Any]) -> str:
    if task in _words:
        return _words[task](*arguments)
    return task.rpartition(".")[2].replace("_", " ").capitalize()


class Reporter:
    """Writes this process's row every REPORT_SECONDS, and that it stopped."""

    def __init__(self, name: str, queues: Iterable[str]) -> None:
        self.doing = ""
        self._key = {"name": name[:255], "pid": os.getpid()}
        self._values = {
            "queues": ",".join(sorted(queues))[:200],
            "host": socket.gethostname()[:255],
            "version": __version__,
        }
        self._doing_reported = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="reporting", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(5)

    def begin(self) -> None:
        """The row as of a fresh start. It replaces those of former processes of this name."""
        silent = Now() - timedelta(seconds=GONE_SECONDS)
        Process.objects.filter(name=self._key["name"], host=self._values["host"], seen__lt=silent).delete()
        fresh = {"started": Now(), "seen": Now(), "stopped": None, "doing": "", "doing_since": None}
        rows = Process.objects.filter(**self._key)
        if not rows.update(**self._values, **fresh):
            Process.objects.create(**self._key, **self._values, **fresh)

    def report(self) -> None:
        """Report that this process runs, and what it does."""
        doing = self.doing[:200]
        changed: dict[str, Any] = {"doing": doing, "doing_since": Now() if doing else None}
        values = {"seen": Now()} | (changed if doing != self._doing_reported else {})
        if not Process.objects.filter(**self._key).update(**values):
            self.begin()  # a backup was restored, or the row was forgotten
            doing = ""
        self._doing_reported = doing

    def report_stopped(self) -> None:
        Process.objects.filter(**self._key).update(seen=Now(), stopped=Now(), doing="", doing_since=None)

    def _work(self) -> None:
        self._one(self.begin)
        while not self._over.wait(REPORT_SECONDS):
            self._one(self.report)
        self._one(self.report_stopped)

    def _one(self, write: Any) -> None:
        try:
            write()
        except (DatabaseError, OSError) as problem:
            log.warning(
                "could not report that this process is there (%s); it will be tried again shortly", problem
            )
        finally:
            connection.close()


def report_beat() -> None:
    """Written by the sweep that beat sent: it shows that the whole way works, beat, broker and worker."""
    host = socket.gethostname()[:255]
    values = {"seen": Now(), "stopped": None, "host": host, "version": __version__}
    if not Process.objects.filter(name=BEAT, pid=0).update(**values):
        Process.objects.create(name=BEAT, pid=0, queues=BEAT, started=Now(), **values)
