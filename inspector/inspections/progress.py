"""What pages show of a batch: how far it is, its newest verdict, its rows."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from inspector.accounts.requests import PersonRequest
from inspector.core.numbers import whole
from inspector.inspections import selectors
from inspector.inspections.earlier import with_earlier
from inspector.inspections.models import Batch, Source

# A shift has ended if no photo came for this long.
PAUSE = timedelta(hours=6)


def batch_context(batch: Batch, *, most: int | None = None) -> dict[str, Any]:
    """A batch with its rows, newest first; at most so many of them."""
    rows = selectors.batch_rows(batch.pk).order_by("-pk")
    return progress_context(batch) | {"rows": with_earlier(rows if most is None else rows[:most])}


def progress_context(batch: Batch) -> dict[str, Any]:
    """Read before the rows are: what changes in between is sent with the next poll."""
    counts = selectors.batch_counts(batch.pk)
    return {
        "batch": batch,
        "counts": counts,
        "newest": selectors.newest_ended(batch.pk),
        "now": counts.now.timestamp(),
        "delay": _delay(counts.now - (counts.last_sent or batch.created)),
    }


def _delay(age: timedelta) -> str:
    """When to poll again: a verdict usually takes less than a second, a long queue longer."""
    if age < timedelta(seconds=15):
        return "400ms"
    return "1s" if age < timedelta(minutes=2) else "2s"


def goes_on(batch: Batch) -> bool:
    """Whether a station adds to it: not on another day of the person's, nor after a long pause."""
    last = selectors.batch_counts(batch.pk).last_sent or batch.created
    same_day = timezone.localdate(last) == timezone.localdate() == timezone.localdate(batch.created)
    return same_day and timezone.now() - last < PAUSE


def own_batch(request: PersonRequest) -> Batch | None:
    """The batch in the address, so that a reload or the way back shows its rows again; no made-up one, for
    photos of parts may not be added to it."""
    pk = whole(request.GET.get("batch"))
    rows = Batch.objects.select_related("category", "submitted_by")
    mine = rows.filter(submitted_by=request.user).exclude(source=Source.DEMO)
    return mine.filter(pk=pk).first() if pk else None
