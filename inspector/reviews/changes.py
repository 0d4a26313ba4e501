"""Who else receives what reviews change: apps above this one, in the transaction that writes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from inspector.inspections.models import Inspection


@dataclass(frozen=True, slots=True)
class Change:
    """What an inspection ended with before and ends with now. defect: id of a defect type."""

    inspection: Inspection
    outcome_before: str
    outcome: str
    defect_before: int | None = None
    defect: int | None = None


Listener = Callable[[Sequence[Change]], None]
_listeners: dict[str, Listener] = {}


def register(name: str, listener: Listener) -> None:
    """From now on `listener` gets what changes. Call it in `AppConfig.ready`.

    It runs while the inspections are locked: it writes what belongs to the review, and is quick.
    """
    _listeners[name] = listener


def written(changes: Sequence[Change]) -> None:
    """Pass changes on, inside the transaction that wrote them."""
    if changes:
        for listener in _listeners.values():
            listener(changes)
