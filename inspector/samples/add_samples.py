"""Adding photos to a category from the browser."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from inspector.categories.archived import not_deleted, refuse_archived
from inspector.categories.models import Category
from inspector.core import files
from inspector.core.errors import Conflict, Refused
from inspector.core.events import Who, record
from inspector.core.uploads import Rejected, check_all
from inspector.samples.events import SampleEvent
from inspector.samples.models import Sample
from inspector.samples.sample_store import SampleStore, checked_place, save_new


@dataclass(frozen=True, slots=True)
class Added:
    """What became of some uploads: new samples, names of photos that were there already, refused ones."""

    samples: list[Sample]
    duplicates: list[str]
    rejected: list[Rejected]

    @property
    def words(self) -> str:
        """Such as “18 added, 2 already there, 1 refused”; src/samples/add.ts says it alike."""
        there, refused = len(self.duplicates), len(self.rejected)
        parts = [f"{len(self.samples)} added"]
        if there:
            parts.append(f"{there} already there")
        if refused:
            parts.append(f"{refused} refused")
        return ", ".join(parts)


def add_samples(
    category: Category,
    uploads: "Sequence[UploadedFile[bytes]]",
    *,
    split: str,
    label: str,
    by: Who,
    operation: UUID | None = None,
) -> Added:
    """Store the photos as samples of one split and label; each file is taken or refused on its own.

    A page that sends its photos in several requests names the same `operation` in each.
    """
    refuse_archived(category)
    split, label = checked_place(split, label)
    if not uploads:
        raise Refused("no_files", "Choose one or more photos.")
    accepted, rejected = check_all(uploads)
    store = SampleStore(category)
    added = Added([], [], list(rejected))
    for photo in accepted:
        try:
            if store.has(photo.sha256, split, label):
                added.duplicates.append(photo.filename)
            else:
                added.samples.append(store.put(photo, split, label))
        except Refused as refused:
            added.rejected.append(Rejected(photo.filename, refused.code, refused.message))
    try:
        _save(category, added, operation, by, split=split, label=label)
    except Conflict as conflict:
        if conflict.code == "deleted":  # and its folder with it
            files.delete([str(sample.image) for sample in added.samples])
        raise
    return added


def _save(category: Category, added: Added, operation: UUID | None, by: Who, **place: str) -> None:
    with not_deleted(category), transaction.atomic():
        # Another person may have put the same photo here or elsewhere while these were stored.
        added.samples[:], known, rejected = save_new(category, added.samples)
        added.duplicates.extend(sample.filename for sample in known)
        added.rejected.extend(rejected)
        counts = {
            "added": len(added.samples),
            "skipped": len(added.duplicates),
            "rejected": len(added.rejected),
        }
        # A part of an upload counts for its sums even if nothing in it was new.
        if added.samples or operation:
            record(by, SampleEvent.ADDED, category, operation=operation, **place, **counts)
