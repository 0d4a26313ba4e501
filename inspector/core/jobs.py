"""Work that must not get lost: a row is claimed, leased, finished once, or given back.

The row is the truth and the message only a nudge. A claim is one conditional UPDATE, so of two
workers that want the same row one gets it. A worker that dies leaves a lease that runs out; the
sweep gives the row back, and after MAX_ATTEMPTS it is FAILED with a code. Leases go by the database's
clock, so that workers whose own clocks are wrong take nothing away from each other.
"""

import uuid
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.text import capfirst

from inspector.core import clock


class State(models.TextChoices):
    """Where a job stands. The last three are final."""

    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


OPEN = (State.WAITING, State.RUNNING)
ANY = Q()


class Job(models.Model):
    """The columns of a row that a worker works on."""

    state = models.CharField(max_length=10, choices=State, default=State.WAITING, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    claim = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    created = models.DateTimeField(default=timezone.now, editable=False)
    started = models.DateTimeField(null=True, editable=False)
    finished = models.DateTimeField(null=True, editable=False)
    error_code = models.CharField(max_length=40, blank=True, editable=False)
    error_message = models.TextField(blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_final(self) -> bool:
        return self.state not in OPEN


class LongJob(Job):
    """The columns of a row that is one long job, which `core.work` runs; a job of its own for each row."""

    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    cancel_requested = models.BooleanField(default=False, editable=False)
    # How far it is, as the job last reported; each kind has its own keys.
    progress = models.JSONField(default=dict, editable=False)
    # Of a failed one: what was raised, word for word, for the server's administrator; error_message is
    # for everybody.
    error_details = models.TextField(blank=True, editable=False)

    class Meta:
        abstract = True


AnyJob = TypeVar("AnyJob", bound=Job)


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to some rows, until it finishes them or its lease runs out."""

    token: uuid.UUID
    ids: tuple[int, ...]


def claim(waiting: QuerySet[AnyJob], limit: int) -> Claim:
    """Claim up to `limit` rows of `waiting`, oldest first; empty `ids` if others were faster.

    A row that was tried before is claimed alone: if it kills the worker, it takes no others with it.
    """
    oldest = list(waiting.filter(state=State.WAITING).order_by("pk").values_list("pk", "attempts")[:limit])
    if oldest and oldest[0][1] > 0:
        oldest = oldest[:1]
    wanted = [pk for pk, attempts in oldest if attempts == 0 or len(oldest) == 1]
    token = uuid.uuid4()
    taken = waiting.model._default_manager.filter(pk__in=wanted, state=State.WAITING).update(
        state=State.RUNNING,
        claim=token,
        lease_until=clock.seconds_from_now(settings.LEASE_SECONDS),
        started=clock.now(),
        attempts=F("attempts") + 1,
    )
    if not taken:
        return Claim(token, ())
    ids = waiting.model._default_manager.filter(claim=token).order_by("pk").values_list("pk", flat=True)
    return Claim(token, tuple(ids))


def renew(model: type[Job], token: uuid.UUID, **values: Any) -> bool:
    """Hold the rows of a claim for another lease; False when they are no longer ours.

    `values` are written with it (how far the work is), so that reporting it costs no second write.
    """
    until = clock.seconds_from_now(settings.LEASE_SECONDS)
    return bool(held(model, token).update(lease_until=until, **values))


def finish(
    model: type[Job], pk: int, token: uuid.UUID, *, state: State = State.DONE, only: Q = ANY, **values: Any
) -> bool:
    """Write a row's result, only if the claim is still ours, and the row is as `only` says. Call inside a
    short transaction."""
    written = (
        held(model, token)
        .filter(only, pk=pk)
        .update(state=state, claim=None, lease_until=None, finished=clock.now(), **values)
    )
    return bool(written)


def fail(model: type[Job], pk: int, token: uuid.UUID, code: str, message: str, **values: Any) -> bool:
    """End a row as FAILED, only if the claim is still ours."""
    return finish(model, pk, token, state=State.FAILED, error_code=code, error_message=message, **values)


def give_back(model: type[Job], token: uuid.UUID, *, code: str = "", message: str = "") -> int:
    """Return the unfinished rows of a claim to WAITING (a passing fault, not the rows' own).

    With a `code`, those that were tried too often are FAILED with it: what does not pass after so many tries
    is no passing fault.
    """
    rows = held(model, token)
    if code:
        _fail_tried_too_often(rows, code, message)
    return rows.update(state=State.WAITING, claim=None, lease_until=None)


def give_back_untried(rows: QuerySet[AnyJob], **values: Any) -> int:
    """Return held rows to WAITING as if they had not been tried: what stopped them is not their fault."""
    return rows.update(
        state=State.WAITING, claim=None, lease_until=None, attempts=F("attempts") - 1, **values
    )


def lost() -> Q:
    """The rows whose lease ran out."""
    return Q(state=State.RUNNING, lease_until__lt=clock.now())


def expire(model: type[Job], *, again: str = "press Retry") -> tuple[int, int]:
    """Give back rows whose lease ran out, fail those tried too often. Returns (given back, failed).

    again: what a person does about one that failed.
    """
    rows = model._default_manager.filter(lost())
    failed = _fail_tried_too_often(
        rows,
        "worker_lost",
        f"The worker stopped {settings.MAX_ATTEMPTS} times while working on this. "
        f"{capfirst(again)}; if it happens again, tell an admin: the worker's log says why.",
    )
    given_back = rows.update(state=State.WAITING, claim=None, lease_until=None)
    return given_back, failed


def retry(jobs: QuerySet[AnyJob], **values: Any) -> int:
    """Retry FAILED rows with a fresh count of attempts. Returns how many."""
    fresh = {"attempts": 0, "error_code": "", "error_message": "", "started": None, "finished": None}
    return jobs.filter(state=State.FAILED).update(state=State.WAITING, **fresh, **values)


def open_condition() -> Q:
    """For constraints: the row is not final."""
    return Q(state__in=[str(state) for state in OPEN])


def held(model: type[AnyJob], token: uuid.UUID) -> QuerySet[AnyJob]:
    """The rows of a claim that are still its own."""
    return model._default_manager.filter(claim=token, state=State.RUNNING)


def _fail_tried_too_often(running: QuerySet[AnyJob], code: str, message: str) -> int:
    return running.filter(attempts__gte=settings.MAX_ATTEMPTS).update(
        state=State.FAILED,
        claim=None,
        lease_until=None,
        finished=clock.now(),
        error_code=code,
        error_message=message,
    )
