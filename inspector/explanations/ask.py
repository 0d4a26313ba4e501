"""Asking for an explanation, stopping it, trying it again, and forgetting the old ones."""

from typing import Any

from django.db import IntegrityError, transaction

from detection.options.explanations import KINDS, kinds_of
from inspector.accounts.people import one_at_a_time
from inspector.core import clock, files, work
from inspector.core.errors import Conflict, Refused
from inspector.core.jobs import OPEN, State
from inspector.explanations.models import KEPT, Explanation
from inspector.inspections.models import Inspection

MOST_OPEN = 5  # of a person
MOST_FORGOTTEN = 500  # at a sweep


def ask(inspection: Inspection, kind: str, *, by: Any) -> Explanation:
    """The existing explanation, finished or in progress; otherwise one that a worker makes now. One that
    failed or was cancelled is tried again.

    Raises Refused "unknown_kind", "not_judged" or "not_explained", Conflict "too_many_explanations".
    """
    _check(inspection, kind)
    known = {"inspection": inspection, "version": inspection.version, "kind": kind}
    with transaction.atomic():
        one_at_a_time(by)
        existing = Explanation.objects.select_for_update().filter(**known).first()
        if existing and existing.state in (*OPEN, State.DONE):
            return existing
        if Explanation.objects.filter(requested_by=by, state__in=OPEN).count() >= MOST_OPEN:
            raise Conflict(
                "too_many_explanations",
                f"{MOST_OPEN} explanations that you asked for are under way. Wait until one is done, or "
                "cancel one.",
            )
        if existing:
            existing.delete()
        try:
            with transaction.atomic():
                made = Explanation.objects.create(**known, requested_by=by)
        except IntegrityError:
            # Somebody requested the same between the check and the write: the constraint caught it.
            return Explanation.objects.get(**known)
        transaction.on_commit(lambda: work.send(made))
    return made


def _check(inspection: Inspection, kind: str) -> None:
    if kind not in KINDS:
        words = f"Choose one of {', '.join(KINDS)}."
        raise Refused("unknown_kind", words, fields={"kind": [words]})
    if not inspection.verdict or inspection.version is None:
        raise Refused("not_judged", f"{inspection.filename} has no verdict yet: there is nothing to explain.")
    if KINDS[kind] not in kinds_of(inspection.version.method):
        words = f"{inspection.version} has no “{KINDS[kind].title}”. {KINDS[kind].lacking}"
        raise Refused("not_explained", words, fields={"kind": [words]})


def cancel(explanation: Explanation) -> Explanation:
    """A waiting one ends at once; a running one is asked to, and ends within a few seconds."""
    work.stop(explanation, "explanation_over")
    return explanation


def forget_old() -> int:
    """Remove explanations that ended some weeks ago, with their pictures. They can be made again."""
    ended = Explanation.objects.exclude(state__in=OPEN).filter(finished__lt=clock.now() - KEPT)
    old = list(ended.order_by("pk")[:MOST_FORGOTTEN])
    if not old:
        return 0
    Explanation.objects.filter(pk__in=[one.pk for one in old]).delete()
    files.delete([name for one in old for name in one.files])
    return len(old)
