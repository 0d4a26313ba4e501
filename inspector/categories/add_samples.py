"""Adding photos to a category from the browser."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from inspector.categories.archived import refuse_archived
from inspector.categories.models import Category, Sample
from inspector.categories.shelf import Shelf, checked_place
from inspector.core.audit import Who, record
from inspector.core.errors import Refused
from inspector.core.uploads import Rejected, check_all


@dataclass(frozen=True, slots=True)
class Added:
    """What became of some uploads: new samples, names of photos that were there already, refused ones."""

    samples: list[Sample]
    duplicates: list[str]
    rejected: list[Rejected]


def add_samples(
    category: Category, uploads: "Sequence[UploadedFile[bytes]]", *, split: str, label: str, by: Who
) -> Added:
    """Store the photos as samples of one split and label; each file is taken or refused on its own."""
    refuse_archived(category)
    split, label = checked_place(split, label)
    if not uploads:
        raise Refused("no_files", "Choose one or more photos.")
    accepted, rejected = check_all(uploads)
    shelf = Shelf(category)
    added = Added([], [], list(rejected))
    for photo in accepted:
        try:
            if shelf.has(photo.sha256, split, label):
                added.duplicates.append(photo.filename)
            else:
                added.samples.append(shelf.put(photo, split, label))
        except Refused as refused:
            added.rejected.append(Rejected(photo.filename, refused.code, refused.message))
    _save(category, added.samples, split, label, by)
    return added


def _save(category: Category, samples: list[Sample], split: str, label: str, by: Who) -> None:
    if not samples:
        return
    with transaction.atomic():
        Sample.objects.bulk_create(samples, ignore_conflicts=True)
        record(by, "add samples", category, split=split, label=label, added=len(samples))
