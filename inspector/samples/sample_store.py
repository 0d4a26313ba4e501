"""The place of each photo of a category: once, in one split, under one label."""

import hashlib
import re
from collections.abc import Iterable, Sequence

from django.db import transaction

from inspector.categories.archived import locked, not_deleted, refuse_archived
from inspector.categories.models import Category
from inspector.core import files
from inspector.core.errors import Conflict, Refused
from inspector.core.uploads import Accepted, Rejected
from inspector.samples.models import GOOD, Sample, Split

LABEL = re.compile(r"\w[\w .+-]*")
LABEL_LENGTH = Sample._meta.get_field("label").max_length or 0
NAME_LENGTH = Sample._meta.get_field("filename").max_length or 0


class SampleStore:
    """Knows every photo of a category by its hash, so that none is stored or counted twice.

    A training photo must not be a test photo, and nothing is both good and defective: the same photo in
    another split or under another label is refused.
    """

    def __init__(self, category: Category, only: Iterable[str] | None = None) -> None:
        """only: the hashes that will be asked for; None where that is not known yet."""
        self.category = category
        rows = Sample.objects.filter(category=category)
        rows = rows if only is None else rows.filter(sha256__in=list(only))
        known = rows.values_list("sha256", "split", "label")
        self._places = {sha256: (split, label) for sha256, split, label in known}

    def has(self, sha256: str, split: str, label: str) -> bool:
        """Whether the photo is there already; Conflict when it is somewhere else."""
        place = self._places.get(sha256)
        if place is not None and place != (split, label):
            raise Conflict(
                "elsewhere",
                f"The same photo is already in {'/'.join(place)}. A photo can only be in one place.",
            )
        return place is not None

    def put(self, photo: Accepted, split: str, label: str, mask: bytes | None = None) -> Sample:
        """Store the file (and mask, as `store_mask` takes it) and return the sample's row, not yet saved."""
        folder = f"samples/{self.category.slug}"
        name = files.store(f"{folder}/{photo.sha256}{photo.extension}", photo.upload)
        self._places[photo.sha256] = (split, label)
        return Sample(
            category=self.category,
            split=split,
            label=label,
            filename=photo.filename[-NAME_LENGTH:],
            sha256=photo.sha256,
            width=photo.width,
            height=photo.height,
            bytes=photo.bytes,
            image=name,
            mask=store_mask(self.category, photo.sha256, mask) if mask else "",
        )


def save_new(
    category: Category, samples: Sequence[Sample]
) -> tuple[list[Sample], list[Sample], list[Rejected]]:
    """Rows for the stored photos that nobody else has added to the category meanwhile; those that somebody
    has; and those that are in another place now. Conflict where it has been archived or deleted.
    """
    new, known, rejected = list[Sample](), list[Sample](), list[Rejected]()
    with not_deleted(category), transaction.atomic():
        refuse_archived(locked(category))
        store = SampleStore(category, only=(sample.sha256 for sample in samples))
        for sample in samples:
            try:
                there = store.has(sample.sha256, sample.split, sample.label)
                (known if there else new).append(sample)
            except Conflict as conflict:
                rejected.append(Rejected(sample.filename, conflict.code, conflict.message))
        Sample.objects.bulk_create(new, ignore_conflicts=True)
    return new, known, rejected


def store_mask(category: Category, sha256: str, mask: bytes) -> str:
    """Keep a photo's mask (PNG, 255 on the defect); its name in storage.

    Named by its content, too: snapshots may name the former one.
    """
    digest = hashlib.sha256(mask).hexdigest()
    return files.store(f"samples/{category.slug}/masks/{sha256}-{digest[:16]}.png", mask)


def checked_place(split: str, label: str) -> tuple[str, str]:
    """Split and label as they are stored. Refused if they are not valid or do not go together."""
    label = label.strip()
    if split not in Split.values:
        raise Refused("bad_split", f"There is no split “{split}”. The splits are: {', '.join(Split.values)}.")
    if not LABEL.fullmatch(label) or len(label) > LABEL_LENGTH:
        raise Refused(
            "bad_label",
            f"“{label}” cannot be a label. Use up to {LABEL_LENGTH} letters, digits, spaces, - and _.",
        )
    if split == Split.TRAIN and label != GOOD:
        raise Refused(
            "bad_label", f"Training samples are photos of good parts: their label is “{GOOD}”, not “{label}”."
        )
    return split, label
