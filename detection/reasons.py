"""Why a method was chosen: as a code with its values, and in words. Needs no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Reason:
    """code: `best`: no other is better than the usual method. `better`: the other surely is. `unsure`: the
    other is better, but chance may explain it. `few`: too few photos (`photos`) to compare methods.

    own, reached: AUROC of the usual and of the other method on synthetic defects. sure: the share of
    resamples in which the other is better.
    """

    code: Literal["best", "better", "unsure", "few"]
    usual: str
    other: str = ""
    own: float | None = None
    reached: float | None = None
    sure: float | None = None
    photos: int = 0

    def sentence(self, title: Callable[[str], str] = str) -> str:
        """In words. title: from a method's name to what people call it."""
        usual, other = title(self.usual), title(self.other)
        if self.code == "few":
            return f"{self.photos} good photos are too few to compare methods, so the default is used."
        if self.code == "best":
            return (
                f"{usual} separates synthetic defects from good photos as well as any method "
                f"(AUROC {self.own:.3f})."
            )
        if self.code == "better":
            return (
                f"{other} separates synthetic defects from good photos better (AUROC {self.reached:.3f}) "
                f"than {usual} ({self.own:.3f}), in {100 * (self.sure or 0):.0f} % of resampled photos."
            )
        return (
            f"{usual} (AUROC {self.own:.3f}), the default: {other} ({self.reached:.3f}) is better in only "
            f"{100 * (self.sure or 0):.0f} % of resampled photos."
        )
