"""What keeps photos moving when a message or a worker was lost."""

import logging

from inspector.core import jobs
from inspector.core.nudge import nudge_each
from inspector.inspections import keys
from inspector.inspections.hold import ANALYSE
from inspector.inspections.models import Inspection
from inspector.inspections.selectors import categories_waiting

log = logging.getLogger(__name__)


def sweep() -> int:
    """Give back what dead workers held; nudge every category that has photos waiting. How many those are."""
    given_back, failed = jobs.expire(Inspection)
    if given_back or failed:
        log.warning("workers were lost: %s photos given back, %s failed", given_back, failed)
    keys.forget_old()
    waiting = categories_waiting()
    nudge_each(ANALYSE, ((category_id,) for category_id in waiting))
    return len(waiting)
