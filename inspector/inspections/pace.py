"""How one worker gets on: whether there is progress, and whether the place lets photos through."""

from collections import Counter

from django.conf import settings

from inspector.core.heartbeat import Heartbeat
from inspector.inspections.place import Away, Fault

# One photo may have a problem with the storage by itself; this many in a row do not.
MOST_IN_A_ROW = 2


class Pace:
    """Announces each step to the heartbeat, and stops the line at a fault that all photos share."""

    def __init__(self, heartbeat: Heartbeat) -> None:
        self._heartbeat = heartbeat
        self._in_a_row: Counter[str] = Counter()

    def expect(self, step: str) -> None:
        """A step begins during which nothing else gives a sign of life."""
        self._heartbeat.expect(step, settings.JUDGE_SECONDS)

    def alive(self) -> None:
        self.expect("work")

    def passed(self, step: str) -> None:
        self._in_a_row[step] = 0

    def met(self, step: str, fault: Fault) -> None:
        """A photo met a fault of the place. Raises Away when the others would meet it, too."""
        self._in_a_row[step] += 1
        if self._in_a_row[step] >= MOST_IN_A_ROW:
            raise Away(fault)
