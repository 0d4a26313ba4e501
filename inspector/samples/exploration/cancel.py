"""Stopping an exploration."""

from inspector.core import work
from inspector.samples.models import Exploration


def cancel(exploration: Exploration) -> Exploration:
    """A waiting one ends at once; a running one is asked to, and ends within a few seconds."""
    work.stop(exploration, "exploration_over")
    return exploration
