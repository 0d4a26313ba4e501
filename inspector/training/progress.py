"""How far a training is: what is kept of it for the run's page, and lines for the terminal."""

import logging
import time

import detection
from inspector.core.attempt import Attempt
from inspector.registry.register import finite
from inspector.training.how_far import HowFar
from inspector.training.models import TrainingRun

logger = logging.getLogger(__name__)
SAY_SECONDS = 5.0
# Of a training with quick drafts: the approximate share of the time before they are tried, and how long each
# of them then takes.
BEFORE_DRAFTS, DRAFT_SECONDS = 0.9, 60.0


class ProgressLog:
    """Called by the training many times a second; keeps the losses of each epoch for the page's plot."""

    def __init__(self, attempt: Attempt[TrainingRun], *, drafts: int = 0) -> None:
        """drafts: how many follow the training."""
        self._attempt = attempt
        self._drafts, self._tried = drafts, 0
        self._name = f"{attempt.job.category.slug} run {attempt.job.pk}"
        self._history: list[list[float | int | None]] = []
        self._said = float("-inf")

    def on_progress(self, progress: detection.Progress) -> None:
        new_epoch = self._remember(progress)
        values = finite(progress.as_dict())
        if self._drafts:
            values["fraction"] *= BEFORE_DRAFTS
            if values["seconds_left"] is not None:
                values["seconds_left"] += DRAFT_SECONDS * self._drafts
        self._say(HowFar.from_dict(values), progress.fraction >= 1, new_epoch)
        self._attempt.report_progress(**values, history=self._history)

    def on_draft(self, done: int, total: int) -> None:
        """Of the copies that a quick draft is tried on, after the training."""
        part = (self._tried + done / total) / self._drafts
        values = {
            "phase": "draft",
            "fraction": BEFORE_DRAFTS + (1 - BEFORE_DRAFTS) * part,
            "seconds_left": DRAFT_SECONDS * self._drafts * (1 - part),
        }
        self._say(HowFar.from_dict(values), done == total, new_epoch=False)
        self._attempt.report_progress(**values, history=self._history)
        self._attempt.go_on()

    def draft_over(self) -> None:
        """The next one begins."""
        self._tried += 1

    def _remember(self, progress: detection.Progress) -> bool:
        """True when an epoch is new."""
        if progress.epoch is None or progress.train_loss is None:
            return False
        point = finite([progress.epoch, progress.train_loss, progress.validation_loss])
        if self._history and self._history[-1][0] == progress.epoch:
            self._history[-1] = point
            return False
        self._history.append(point)
        return True

    def _say(self, how_far: HowFar, ended: bool, new_epoch: bool) -> None:
        """A line for the terminal: at each epoch, at most one a second; within one, every few seconds."""
        now = time.monotonic()
        if now - self._said < SAY_SECONDS and not (ended or (new_epoch and now - self._said > 1)):
            return
        self._said = now
        logger.info("%s: %s", self._name, how_far.sentence)
