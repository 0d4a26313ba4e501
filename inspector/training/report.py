"""A train worker says what it can run: the web process may stand on another machine and has no torch."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.db import DatabaseError, connection
from django.utils import timezone

from detection.options.weight_files import FOLDER_VARIABLE, states
from inspector.training.models import TrainingMachine

log = logging.getLogger(__name__)
QUEUE = "train"
SECONDS = 60.0
# One report in this many asks over the network whether missing weights could be downloaded.
ASK_EVERY = 30
# Containers get a new name each time they are made: the names of former ones are forgotten.
FORGET_AFTER = timedelta(days=7)


def report(*, ask: bool = True) -> TrainingMachine:
    """Write what this machine can run. Without `ask`, what can be downloaded is taken from the last
    report."""
    name, now = socket.gethostname()[:255], timezone.now()
    weights: dict[str, str] = dict(states(ask=ask))
    if not ask:
        known = TrainingMachine.objects.filter(name=name).values_list("weights", flat=True).first() or {}
        weights = {backbone: _still(state, known.get(backbone)) for backbone, state in weights.items()}
    values = {"seen": now, "weights": weights, "weights_folder": os.environ.get(FOLDER_VARIABLE, "")[:1000]}
    machine, _ = TrainingMachine.objects.update_or_create(name=name, defaults=values)
    TrainingMachine.objects.filter(seen__lt=now - FORGET_AFTER).delete()
    return machine


def _still(state: str, known: str | None) -> str:
    return "download" if state == "missing" and known == "download" else state


class Reporter:
    """Reports once a minute, from a thread of its own: a training may hold the worker for hours."""

    def __init__(self, write: Callable[..., object] | None = None) -> None:
        self._write = write or report
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="report", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _work(self) -> None:
        turn = 0
        while not self._over.is_set():
            self._one(ask=turn % ASK_EVERY == 0)
            turn += 1
            self._over.wait(SECONDS)

    def _one(self, *, ask: bool) -> None:
        try:
            self._write(ask=ask)
        except (DatabaseError, OSError) as problem:
            log.warning(
                "could not report what this machine can run (%s); it will be tried again shortly", problem
            )
        except Exception:
            # Such as a half-installed library: one report is lost; all would be if this thread ended.
            log.exception("could not report what this machine can run; it will be tried again shortly")
        finally:
            connection.close()


def begin(queues: Iterable[str]) -> Reporter | None:
    """Start reporting in a worker that takes trainings; None in any other."""
    if QUEUE not in queues:
        return None
    reporter = Reporter()
    reporter.start()
    return reporter
