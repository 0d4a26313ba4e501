"""Which workers run: each reports itself, and all go by the database's clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db.models import DateTimeField, ExpressionWrapper
from django.db.models.functions import Now

from inspector.core.health import in_grace
from inspector.core.health.checks import Check, Finding, register
from inspector.core.models import Process

# How often a process reports itself, and after how long a silence it counts as gone.
REPORT_SECONDS = 15.0
GONE_SECONDS = 60.0
FORGET_AFTER = timedelta(days=1)
BEAT = "beat"
COMPOSE = {"inspect": "inspect-worker", "train": "train-worker", "explain": "explain-worker", "sweep": "beat"}


@dataclass(frozen=True, slots=True)
class Queue:
    """The workers of a queue. seen: when the last of them reported, None if none ever did."""

    alive: list[Process]
    seen: datetime | None


def processes() -> list[Process]:
    """Those not forgotten yet, with `now`, the database's time; those seen last come first."""
    now = ExpressionWrapper(Now(), output_field=DateTimeField())
    return list(Process.objects.annotate(now=now).order_by("-seen", "name"))


def is_alive(process: Process) -> bool:
    now: datetime = process.now  # type: ignore[attr-defined]
    return process.stopped is None and process.seen > now - timedelta(seconds=GONE_SECONDS)


def of_queue(queue: str, rows: Iterable[Process]) -> Queue:
    mine = [row for row in rows if queue in row.queues.split(",")]
    seen = max((row.seen for row in mine), default=None)
    return Queue([row for row in mine if is_alive(row)], seen)


def forget() -> int:
    """Remove those long gone; how many."""
    return Process.objects.filter(seen__lt=Now() - FORGET_AFTER).delete()[0]


def workers(queue: str, what_waits: str, see: str) -> Finding:
    """A check: whether a worker for this queue was seen within a minute."""
    presence = of_queue(queue, processes())
    if presence.alive:
        busy = sum(bool(row.doing) for row in presence.alive)
        count = len(presence.alive)
        return Finding(f"{count} running, {busy} at work." if count > 1 else _alone(presence.alive[0]))
    if presence.seen is None and in_grace():
        return Finding("None has been seen yet; everything was started a moment ago.")
    service = COMPOSE[queue]
    process = "beat" if queue == "sweep" else queue
    return Finding(
        f"None was seen within a minute. {what_waits}",
        ill=True,
        remedy=f"Start it: the process “{process}” of the Procfile, “{service}” with Docker Compose.",
        see=see,
        since=presence.seen,
    )


def _alone(process: Process) -> str:
    return f"1 running. {process.doing}." if process.doing else "1 running, waiting for work."


def beat() -> Finding:
    """A check: whether sweeps are still sent and run; the sweep itself reports it (`core.tasks`)."""
    presence = of_queue(BEAT, processes())
    if presence.alive:
        return Finding("Lost work is found and tried again.")
    if presence.seen is None and in_grace():
        return Finding("Not seen yet; everything was started a moment ago.")
    return Finding(
        "Beat does not run: photos whose message or worker was lost wait until it is back.",
        ill=True,
        remedy="Start the process “beat”. If it runs, look at the broker and at its log.",
        see="photos-stay-at-waiting",
        since=presence.seen,
    )


def register_all() -> None:
    for queue, title, what_waits, see in (
        ("inspect", "Inspect workers", "Photos wait.", "photos-stay-at-waiting"),
        ("train", "Train workers", "Trainings and explorations wait.", "a-training-does-not-start"),
        ("explain", "Explain worker", "Explanations wait.", "an-explanation-does-not-come"),
        ("sweep", "Sweep worker", "Lost work is not tried again.", "photos-stay-at-waiting"),
    ):
        register(Check(f"{queue}_workers", title, partial(workers, queue, what_waits, see)))
    register(Check("beat", "Beat", beat))
