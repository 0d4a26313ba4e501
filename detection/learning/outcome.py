"""How learning went."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the training images. validation_loss is None where none was due."""

    epoch: int
    train_loss: float
    validation_loss: float | None
    learning_rate: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """How learning went: `summary` goes into config.json; a method without epochs has no history."""

    history: tuple[Epoch, ...] = ()
    summary: dict[str, Any] = field(default_factory=dict)
