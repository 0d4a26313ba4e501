"""How far a run is, typed: `TrainingRun.progress` as attributes. What is not known yet is None or empty."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Losses:
    """Of an epoch, as far as they are numbers."""

    epoch: int
    train: float | None
    validation: float | None


@dataclass(frozen=True, slots=True)
class HowFar:
    """`detection.Progress` as it was stored, with the losses so far; fraction: of the whole, 0..1."""

    phase: str = ""
    fraction: float | None = None
    epoch: int | None = None
    epochs: int | None = None
    train_loss: float | None = None
    seconds_left: float | None = None
    history: tuple[Losses, ...] = ()

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "HowFar":
        return cls(
            phase=values.get("phase", ""),
            fraction=values.get("fraction"),
            epoch=values.get("epoch"),
            epochs=values.get("epochs"),
            train_loss=values.get("train_loss"),
            seconds_left=values.get("seconds_left"),
            history=tuple(Losses(*point) for point in values.get("history") or ()),
        )

    @property
    def sentence(self) -> str:
        """Such as “epoch 12 of 40, loss 0.0021, about 35 s left”; "" before the first report."""
        if self.fraction is None:
            return ""
        if self.epoch is not None and self.epochs:
            parts = [f"epoch {self.epoch} of {self.epochs}"]
        else:
            parts = [f"{self.phase}, {self.fraction:.0%}"]
        if self.train_loss is not None:
            parts.append(f"loss {self.train_loss:.4f}")
        if self.seconds_left is not None:
            parts.append(f"about {self.seconds_left:.0f} s left")
        return ", ".join(parts)
