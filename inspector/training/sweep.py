"""What keeps runs moving when a message or a worker was lost."""

from inspector.core import clock, jobs
from inspector.core.jobs import State
from inspector.core.nudge import nudge
from inspector.training.models import TrainingRun
from inspector.training.submit import TASK


def sweep() -> int:
    """Give back what dead workers held and send for every waiting run again; how many those are."""
    jobs.expire(TrainingRun)
    waiting = TrainingRun.objects.filter(state=State.WAITING)
    # Somebody cancelled it and its worker died before it could obey.
    waiting.filter(cancel_requested=True).update(state=State.CANCELLED, finished=clock.now())
    ids = list(waiting.order_by("pk").values_list("pk", flat=True))
    for pk in ids:
        nudge(TASK, pk, queue="train")
    return len(ids)
