"""Keeping an eye on a training: tell its progress, hold its lease, hear of a cancellation."""

import logging
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connection

import detection
from inspector.core import jobs
from inspector.registry.register import finite
from inspector.training.models import TrainingRun

logger = logging.getLogger(__name__)
WRITE_SECONDS = 1.0
SAY_SECONDS = 5.0


class Watch:
    """Called by the training many times a second; goes to the database about once a second.

    After should_stop said yes, one of these says why: `lost` (the lease is another worker's),
    `leaving` (this process was told to end), else somebody cancelled the run. `progress` is the last
    that was heard; who ends the run writes it, since up to a second of it is not in the database yet.
    """

    def __init__(
        self,
        run: TrainingRun,
        token: uuid.UUID,
        *,
        on_progress: Callable[[detection.Progress], None] | None,
        shutting_down: Callable[[], bool],
    ) -> None:
        self.run, self.token = run, token
        self.name = f"{run.category.slug} run {run.pk}"
        self.lost = self.leaving = self.cancelled = False
        self._tell, self._shutting_down = on_progress, shutting_down
        self.progress: dict[str, Any] = {}
        self._history: list[list[float | int | None]] = []
        self._written = self._said = float("-inf")

    def on_progress(self, progress: detection.Progress) -> None:
        new_epoch = self._remember(progress)
        self.progress = finite(progress.as_dict()) | {"history": self._history}
        self._say(progress, new_epoch)
        if self._tell:
            self._tell(progress)
        self._maybe_tick()

    def should_stop(self) -> bool:
        """Also between two steps of progress, so that a long one keeps its lease."""
        self.leaving = self.leaving or self._shutting_down()
        self._maybe_tick()
        return self.lost or self.leaving or self.cancelled

    def go_on(self) -> None:
        """Raises Cancelled when the run should not."""
        if self.should_stop():
            raise detection.Cancelled("The run was stopped.")

    def in_words(self, message: str) -> str:
        """A message about stored files, with the names the files had when they were imported."""
        for item in self.run.snapshot.items:
            if item["sha256"] in message:
                stored = item["image"].rsplit("/", 1)[-1]
                message = message.replace(stored, f"{item['label']}/{item['filename']}")
        return message

    def _maybe_tick(self) -> None:
        if time.monotonic() - self._written >= WRITE_SECONDS:
            self._write()

    def _write(self) -> None:
        self._written = time.monotonic()
        try:
            # Empty at first: what a former try had reached is not where this one is.
            self.lost = not jobs.renew(TrainingRun, self.token, progress=self.progress)
            self.cancelled = TrainingRun.objects.filter(pk=self.run.pk, cancel_requested=True).exists()
        except DatabaseError:
            # The database is away for a moment: the training goes on, the lease has time left.
            logger.warning("%s: could not store its progress", self.name, exc_info=True)
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()

    def _remember(self, progress: detection.Progress) -> bool:
        """Keep the losses of each epoch for the page's plot; True when an epoch is new."""
        if progress.epoch is None or progress.train_loss is None:
            return False
        point = finite([progress.epoch, progress.train_loss, progress.validation_loss])
        if self._history and self._history[-1][0] == progress.epoch:
            self._history[-1] = point
            return False
        self._history.append(point)
        return True

    def _say(self, progress: detection.Progress, new_epoch: bool) -> None:
        """A line for the terminal: at each epoch, at most one a second; within one, every few seconds."""
        now = time.monotonic()
        if now - self._said < SAY_SECONDS and not (
            progress.fraction >= 1 or (new_epoch and now - self._said > 1)
        ):
            return
        self._said = now
        logger.info("%s: %s", self.name, sentence(progress))


def sentence(progress: detection.Progress) -> str:
    """Such as “epoch 12 of 40, loss 0.0021, about 35 s left”."""
    if progress.epoch is not None and progress.epochs:
        parts = [f"epoch {progress.epoch} of {progress.epochs}"]
    else:
        parts = [f"{progress.phase}, {progress.fraction:.0%}"]
    if progress.train_loss is not None:
        parts.append(f"loss {progress.train_loss:.4f}")
    if progress.seconds_left is not None:
        parts.append(f"about {progress.seconds_left:.0f} s left")
    return ", ".join(parts)
