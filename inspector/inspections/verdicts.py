"""Who else receives verdicts: apps above this one, in the transaction that writes them."""

from collections.abc import Callable, Sequence

from inspector.inspections.models import Inspection

Listener = Callable[[Sequence[Inspection]], None]
_listeners: dict[str, Listener] = {}


def register(name: str, listener: Listener) -> None:
    """From now on `listener` gets the inspections that were just judged. Call it in `AppConfig.ready`.

    They are as they were written; `relative_score`, which the database computes, is not known yet. It runs
    while the rows are locked: it writes what belongs to the verdict, and is quick.
    """
    _listeners[name] = listener


def written(judged: Sequence[Inspection]) -> None:
    """Pass verdicts on, inside the transaction that wrote them."""
    if judged:
        for listener in _listeners.values():
            listener(judged)
