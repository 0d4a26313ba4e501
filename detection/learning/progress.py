"""Report the progress of a training, and stop it on request."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal

from detection.errors import Cancelled
from detection.types import OnProgress, Progress, ShouldStop

Phase = Literal["reading", "training", "calibrating", "writing"]
# The approximate share of each phase in the time of a training; used only for the progress bar.
_SHARES: dict[Phase, float] = {"reading": 0.04, "training": 0.86, "calibrating": 0.08, "writing": 0.02}
# Seconds after which the pace of a phase is estimated: its first steps are not typical.
_SETTLED = 2.0


class Watch:
    """The clock of a training: `tell` reports progress, `check` raises Cancelled, `out_of_time` is the time
    limit.

    The reported fraction never decreases. A training that ends early (nothing improves any more, or the
    minutes are over) jumps to the next phase; until then its progress follows the epochs or the minutes,
    whichever end first.
    """

    def __init__(
        self,
        on_progress: OnProgress | None = None,
        should_stop: ShouldStop | None = None,
        *,
        minutes: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_progress = on_progress
        self._should_stop = should_stop
        self._clock = clock
        self._limit = minutes * 60 or float("inf")
        self._start = self._phase_start = clock()
        self._phase: Phase | None = None
        self._fraction = 0.0

    @property
    def seconds(self) -> float:
        return self._clock() - self._start

    @property
    def out_of_time(self) -> bool:
        return self.seconds >= self._limit

    def check(self) -> None:
        if self._should_stop is not None and self._should_stop():
            raise Cancelled("The training was cancelled; nothing was written.")

    def tell(self, phase: Phase, done: int, total: int, **more: Any) -> None:
        """Report `done` of `total` in a phase; `more` are the other fields of Progress. Raises Cancelled."""
        self.check()
        if phase != self._phase:
            self._phase, self._phase_start = phase, self._clock()
        part = done / total if total else 1.0
        if phase == "training":
            part = min(1.0, max(part, self.seconds / self._limit))
        before = sum(list(_SHARES.values())[: list(_SHARES).index(phase)])
        self._fraction = max(self._fraction, min(1.0, before + _SHARES[phase] * part))
        if self._on_progress is not None:
            left = self._seconds_left(part)
            self._on_progress(Progress(phase, done, total, self._fraction, seconds_left=left, **more))

    def silent(self) -> Watch:
        """A watch that reports nothing and has no time limit, but can be cancelled: for work on the side."""
        return Watch(should_stop=self._should_stop, clock=self._clock)

    def part(self, start: float, end: float) -> Watch:
        """The same watch, for work that is the share from `start` to `end` of a phase."""
        return _Part(self, start, end)

    def parts(self, count: int) -> list[Watch]:
        """One after the other, as long as each other."""
        return [self.part(number / count, (number + 1) / count) for number in range(count)]

    def share_of_time(self, since: float = 0.0) -> float:
        """The share of the time left at `since` seconds that is over now; 0 without a limit."""
        return (self.seconds - since) / max(self._limit - since, 1e-9)

    def finish(self) -> None:
        """Report the end, fraction 1, even if `should_stop` returns True by now."""
        self._should_stop = None
        self.tell("writing", 1, 1)

    def _seconds_left(self, part: float) -> float | None:
        """From this phase's own pace, once it is known. The pace of reading says nothing about that of
        learning."""
        spent = self._clock() - self._phase_start
        if self._phase == "reading" or part <= 0 or spent < _SETTLED:
            return None
        here = spent * (1 - part) / part
        if self._phase != "training":
            return here
        here = min(here, max(0.0, self._limit - self.seconds))
        after = _SHARES["calibrating"] + _SHARES["writing"]
        return here + (spent + here) * after / _SHARES["training"]


class _Part(Watch):
    """The result of `Watch.part`."""

    _OF = 1000

    def __init__(self, whole: Watch, start: float, end: float) -> None:
        super().__init__(should_stop=whole._should_stop, clock=whole._clock)
        self._whole, self._from, self._to = whole, start, end
        self._limit, self._start = whole._limit, whole._start

    def tell(self, phase: Phase, done: int, total: int, **more: Any) -> None:
        share = self._from + (self._to - self._from) * (done / total if total else 1.0)
        self._whole.tell(phase, round(share * self._OF), self._OF, **more)
