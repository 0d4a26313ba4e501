"""The results of learning."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the training images. validation_loss is None in epochs without validation."""

    epoch: int
    train_loss: float
    validation_loss: float | None
    learning_rate: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """The course of a training. summary: for config.json. history: empty for methods without epochs."""

    history: tuple[Epoch, ...] = ()
    summary: dict[str, Any] = field(default_factory=dict)
