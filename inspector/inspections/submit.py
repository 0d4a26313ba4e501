"""Accepting photos: checked one by one, stored, written as WAITING rows, then a worker is nudged."""

import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from django.core.files import File
from django.db import IntegrityError, transaction
from django.utils import timezone

from inspector.categories.archived import not_deleted, refuse_archived, refuse_closed
from inspector.categories.models import Category
from inspector.core import files
from inspector.core.errors import Conflict, NoRoom, Refused
from inspector.core.events import Who
from inspector.core.jobs import State
from inspector.core.nudge import nudge
from inspector.core.uploads import Accepted, Rejected, check_all
from inspector.inspections import keys
from inspector.inspections.hold import ANALYSE
from inspector.inspections.models import Batch, Inspection, Source
from inspector.inspections.part_rules import by_name, rules_of
from inspector.inspections.parts import UNKNOWN, Part
from inspector.registry.selectors import active_version

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Submission:
    """What became of the files: `batch` is None if none of them was accepted.

    `again`: they had been accepted before, under the same key; this is what was answered then.
    """

    batch: Batch | None
    inspections: list[Inspection]
    rejected: list[Rejected]
    again: bool = False


def submit(
    *,
    category: Category,
    uploads: "Iterable[File[bytes]]",
    by: Who,
    source: Source | str,
    batch: int | None = None,
    key: str = "",
    part: Part = UNKNOWN,
) -> Submission:
    """Accept photos of one category. `batch` (its id) adds them to an earlier batch of the same person.

    `part`: which part all of them show, as `parts.part_of` gives it. What it does not say the name of a file
    may (`part_rules`).
    What this person sent under the same `key` before is not taken again (see `keys`).
    Raises Conflict "archived", "deleted" or "no_active_version", and Refused "wrong_batch", "demo_batch",
    "storage", "bad_key" or "key_reused".
    """
    keys.check(key)
    accepted, rejected = check_all(uploads)
    digest = keys.digest(category.pk, accepted, rejected, part)
    if before := keys.sent(by, key, digest):
        return Submission(*keys.answer(before), again=True)
    open_batch = _open_batch(batch, category, by)
    refuse_archived(category)
    require_active_version(category)
    if not accepted:
        return Submission(open_batch, [], rejected)
    names: list[str] = []
    try:
        _store(accepted, names)
        with not_deleted(category), transaction.atomic():
            refuse_closed(category)  # storing takes a while
            open_batch = open_batch or Batch(category=category, submitted_by=by, source=source)
            _keep(open_batch, part)
            rules = rules_of(category)
            inspections = Inspection.objects.bulk_create(
                _row(open_batch, photo, name, by_name(rules, part, photo.filename))
                for photo, name in zip(accepted, names, strict=True)
            )
            if key:
                keys.keep(by, key, digest, open_batch, inspections, rejected)
            transaction.on_commit(partial(_nudge_worker, inspections[0]))
    except IntegrityError:
        files.delete(names)
        if before := keys.sent(by, key, digest):  # sent twice at once, and the other one was faster
            return Submission(*keys.answer(before), again=True)
        raise
    except BaseException:
        files.delete(names)
        raise
    return Submission(open_batch, inspections, rejected)


def _nudge_worker(first: Inspection) -> None:
    """Nudge a worker, unless earlier photos still wait: whoever claims those claims these, too.

    A thousand uploads are then one message and not a thousand. The oldest photo never relies on others.
    """
    fresh = Inspection.objects.filter(
        category_id=first.category_id, state=State.WAITING, attempts=0, wait_until=None
    )
    if not fresh.filter(pk__lt=first.pk).exists():
        nudge(ANALYSE, first.category_id)


def require_active_version(category: Category) -> None:
    """Raise Conflict "no_active_version" when nothing could judge a photo of this category."""
    if active_version(category) is None:
        raise Conflict(
            "no_active_version",
            f"{category} has no active model version, so nothing can be judged yet. "
            "Train it first: an admin can train it on the category's page and promote the result.",
        )


def _open_batch(pk: int | None, category: Category, by: Who) -> Batch | None:
    if pk is None:
        return None
    batch = Batch.objects.filter(pk=pk, category=category, submitted_by=by).first()
    if batch and batch.source == Source.DEMO:
        raise Refused(
            "demo_batch",
            "This batch is made-up production, which will be removed: photos of parts cannot be added to it. "
            "Send them without a batch.",
        )
    if batch is None:
        raise Refused(
            "wrong_batch",
            "Photos can only be added to your own batch, of the same category. Send them without a batch.",
        )
    return batch


def _store(accepted: list[Accepted], names: list[str]) -> None:
    """Write every photo; `names` grows as they are written, so that a failure can be undone."""
    for photo in accepted:
        name = f"inspections/{timezone.now():%Y/%m/%d}/{uuid.uuid4()}/original{photo.extension}"
        names.append(name)
        try:
            files.store(name, photo.upload)
        except NoRoom as full:
            raise NoRoom(full.code, f"None of the photos was accepted. {full.message}") from full
        except Exception as problem:
            log.exception("could not store %s", name)
            raise Refused(
                "storage",
                "The photos could not be stored, so none was accepted. Try again in a moment; if this "
                "persists, tell an admin: the disk or the storage service is not writable.",
                status=503,
            ) from problem


def _keep(batch: Batch, part: Part) -> None:
    """A new batch, or what is now said about the part: the form for the next photos begins with it."""
    if batch.pk is None or batch.part != part.flat():
        batch.part = part.flat()
        batch.save(update_fields=None if batch.pk is None else ["part"])


def _row(batch: Batch, photo: Accepted, name: str, part: Part) -> Inspection:
    return Inspection(
        batch=batch,
        category_id=batch.category_id,
        submitted_by_id=batch.submitted_by_id,
        filename=photo.filename,
        sha256=photo.sha256,
        bytes=photo.bytes,
        width=photo.width,
        height=photo.height,
        original=name,
        note=photo.note,
        **part.values(),
    )
