"""What the first page shows each role: inspectors their own day, QA managers the line, admins the
installation, too."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from inspector.core.health import processes
from inspector.core.health.probes import PERMISSION
from inspector.core.jobs import State
from inspector.monitoring.alerts.selectors import open_alerts
from inspector.monitoring.summary import line, own_day
from inspector.monitoring.views import SEE
from inspector.reviews.may import WORK
from inspector.reviews.queue import counts
from inspector.training.models import TrainingRun

ALERTS = "alerts.view_alert"
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Installation:
    """workers: those that were seen within a minute. free: share of the disk that photos lie on."""

    workers: int
    busy: int
    failed_runs: int
    free: float | None
    free_bytes: int


@dataclass(frozen=True, slots=True)
class ReviewQueue:
    """What this person may decide; `for_others` waits for a second person."""

    left: int
    for_others: int
    disputed: int
    oldest: datetime | None


def of_role(person: Any) -> dict[str, Any]:
    """What this person may see."""
    return {
        "own_day": None if person.has_perm(SEE) else own_day(person),
        "line": line() if person.has_perm(SEE) else None,
        "alerts": open_alerts().count() if person.has_perm(ALERTS) else None,
        "reviews": _reviews(person) if person.has_perm(WORK) else None,
        "installation": _installation() if person.has_perm(PERMISSION) else None,
    }


def _reviews(person: Any) -> ReviewQueue:
    return ReviewQueue(**counts(person))


def _installation() -> Installation:
    alive = [one for one in processes.processes() if processes.is_alive(one)]
    since = timezone.now() - WEEK
    failed = TrainingRun.objects.filter(state=State.FAILED, finished__gte=since).count()
    free, total = _disk()
    busy = sum(bool(one.doing) for one in alive)
    return Installation(len(alive), busy, failed, free / total if total else None, free)


def _disk() -> tuple[int, int]:
    """Of photos; 0 where they lie elsewhere, or the disk does not answer."""
    root = Path(settings.MEDIA_ROOT)  # made with the first photo
    try:
        usage = shutil.disk_usage(next(path for path in (root, *root.parents) if path.exists()))
    except OSError:
        return 0, 0
    return (0, 0) if settings.STORAGE_URL else (usage.free, usage.total)
