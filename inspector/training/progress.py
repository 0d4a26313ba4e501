"""How far a training is: what is kept of it for the run's page, and lines for the terminal."""

import logging
import time
from typing import Any

import detection
from inspector.core.attempt import Attempt
from inspector.registry.register import finite
from inspector.training.models import TrainingRun

logger = logging.getLogger(__name__)
SAY_SECONDS = 5.0


class ProgressLog:
    """Called by the training many times a second; keeps the losses of each epoch for the page's plot."""

    def __init__(self, attempt: Attempt[TrainingRun]) -> None:
        self._attempt = attempt
        self._name = f"{attempt.job.category.slug} run {attempt.job.pk}"
        self._history: list[list[float | int | None]] = []
        self._said = float("-inf")

    def on_progress(self, progress: detection.Progress) -> None:
        new_epoch = self._remember(progress)
        values = finite(progress.as_dict())
        self._say(values, new_epoch)
        self._attempt.tell(**values, history=self._history)

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

    def _say(self, values: dict[str, Any], new_epoch: bool) -> None:
        """A line for the terminal: at each epoch, at most one a second; within one, every few seconds."""
        now = time.monotonic()
        if now - self._said < SAY_SECONDS and not (
            values["fraction"] >= 1 or (new_epoch and now - self._said > 1)
        ):
            return
        self._said = now
        logger.info("%s: %s", self._name, sentence(values))


def sentence(values: dict[str, Any]) -> str:
    """A run's progress, such as “epoch 12 of 40, loss 0.0021, about 35 s left”."""
    if values.get("epoch") is not None and values.get("epochs"):
        parts = [f"epoch {values['epoch']} of {values['epochs']}"]
    else:
        parts = [f"{values['phase']}, {values['fraction']:.0%}"]
    if values.get("train_loss") is not None:
        parts.append(f"loss {values['train_loss']:.4f}")
    if values.get("seconds_left") is not None:
        parts.append(f"about {values['seconds_left']:.0f} s left")
    return ", ".join(parts)
