"""What keeps looks at samples moving when a message or a worker was lost."""

from inspector.categories.exploration.ask import send
from inspector.categories.models import Exploration
from inspector.core import jobs
from inspector.core.jobs import State


def sweep() -> int:
    """Give back what dead workers held and send for every waiting row again; how many those are."""
    jobs.expire(Exploration)
    waiting = list(Exploration.objects.filter(state=State.WAITING).order_by("pk"))
    for exploration in waiting:
        if not send(exploration):
            break  # the broker is down, and each try costs time
    return len(waiting)
