"""Decided photos become samples: good ones for training, defective ones for testing, with their mark as
mask."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from django.core.files import File
from django.db import transaction

from detection import UnreadableImage
from inspector.categories.archived import locked, refuse_archived
from inspector.core import files, uploads
from inspector.core.errors import Conflict, Refused
from inspector.core.events import record
from inspector.inspections.models import Inspection
from inspector.inspections.selectors import locked_inspection
from inspector.reviews import outcomes
from inspector.reviews.events import ReviewEvent
from inspector.reviews.marks import counting_mark
from inspector.reviews.models import Decision, Mark, Review, SentSample
from inspector.samples.models import GOOD, Sample, Split
from inspector.samples.sample_store import LABEL_LENGTH, SampleStore, store_mask

AT_ONCE = 100  # photos; each is read and stored once more
DEFECTIVE = "defective"  # the label of those without a defect type
_NOT_IN_LABELS = re.compile(r"[^\w .+-]+")


@dataclass(slots=True)
class Sent:
    """What became of some photos: new samples, those that were there already, refused ones. masked: of those
    that were there, samples whose mask is another now."""

    samples: list[Sample] = field(default_factory=list)
    masked: list[Sample] = field(default_factory=list)
    duplicates: list[Inspection] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    @property
    def words(self) -> str:
        parts = [f"{len(self.samples)} sent to the samples"]
        parts += [f"{len(self.masked)} with another mask"] if self.masked else []
        parts += [f"{len(self.duplicates)} already there"] if self.duplicates else []
        parts += [f"{len(self.refused)} refused"] if self.refused else []
        return ", ".join(parts) + "."


def send_to_samples(rows: Sequence[Inspection], *, by: Any) -> Sent:
    """Each photo by itself, by its standing review. Refused "too_many"."""
    if len(rows) > AT_ONCE:
        raise Refused("too_many", f"Send at most {AT_ONCE} photos at once; these are {len(rows):,}.")
    stores: dict[int, SampleStore] = {}
    sent = Sent()
    for row in rows:
        try:
            refuse_archived(row.category)
            if row.category_id not in stores:
                stores[row.category_id] = SampleStore(row.category)
            _send(row, stores[row.category_id], sent, by)
        except Refused as problem:
            sent.refused.append(problem)
    return sent


def place_of(review: Review) -> tuple[str, str]:
    """Split and label of a photo that was decided so."""
    if review.decision == Decision.GOOD:
        return Split.TRAIN, GOOD
    name = review.defect_type.name if review.defect_type else DEFECTIVE
    label = _NOT_IN_LABELS.sub(" ", name).strip(" .+-")[:LABEL_LENGTH]
    return Split.TEST, label if label and label.casefold() != GOOD else DEFECTIVE  # “Good?”, say


def _send(row: Inspection, store: SampleStore, sent: Sent, by: Any) -> None:
    review = outcomes.standing(row)
    if review is None or review.decision == Decision.UNSURE:
        raise Conflict("not_decided", f"{row.filename} is not decided: say good or defective first.")
    split, label = place_of(review)
    there = _has(store, row, split, label)
    mark = counting_mark(row) if split == Split.TEST else None
    new = None if there else store.put(_photo(row), split, label)
    mask = store_mask(row.category, row.sha256, _mask(mark)) if mark else ""
    with transaction.atomic():
        refuse_archived(locked(row.category))
        _refuse_overtaken(row, review)
        if new is not None:
            # Another person may send the same photo at this moment.
            _has(SampleStore(row.category), row, split, label)
            Sample.objects.bulk_create([new], ignore_conflicts=True)
            detail = {"mark": mark.pk} if mark else {}
            record(by, ReviewEvent.SENT, row, split=split, label=label, review=review.pk, **detail)
        sample = _now_there(row, split, label)
        masked = _put_mask(sample, mask)
        if masked and new is None:
            record(by, ReviewEvent.SENT_MASK, row, mark=mark.pk if mark else None)
        of_mark = {"mark": mark if sample.mask == mask else None}
        SentSample.objects.update_or_create(
            inspection=row,
            defaults={"sample": sample, **of_mark},
            create_defaults={"sample": sample, "person": by, **of_mark},
        )
    if new is not None:
        sent.samples.append(sample)
    elif masked:
        sent.masked.append(sample)
    else:
        sent.duplicates.append(row)


def _now_there(row: Inspection, split: str, label: str) -> Sample:
    """Ours until the transaction ends. Which photos are there was read before the first of many was sent."""
    rows = Sample.objects.select_for_update().filter(category=row.category, sha256=row.sha256)
    sample = rows.filter(split=split, label=label).first()
    if sample is None:
        words = f"{row.filename} was taken out of the samples meanwhile. Send it again."
        raise Conflict("removed_meanwhile", words, see=row)
    return sample


def _has(store: SampleStore, row: Inspection, split: str, label: str) -> bool:
    try:
        return store.has(row.sha256, split, label)
    except Conflict as problem:
        raise Conflict(problem.code, f"{row.filename}: {problem.message}") from None


def _refuse_overtaken(row: Inspection, review: Review) -> None:
    """A photo decided differently while it was read is not sent by the earlier decision."""
    now = outcomes.standing(locked_inspection(row.pk))
    if now is None or now.pk != review.pk:
        raise Conflict(
            "decided_meanwhile", f"{row.filename} was decided differently meanwhile. Send it again.", see=row
        )


def sends_mark(row: Inspection, sent: SentSample | None) -> bool:
    """Whether sending it again gives its sample another mask, or removes it."""
    if sent is None or sent.sample is None or sent.sample.split != Split.TEST:
        return False
    if sent.sample.mask and sent.mark_id is None:
        return False
    mark = counting_mark(row)
    return (mark.pk if mark else None) != sent.mark_id


def _put_mask(sample: Sample, mask: str) -> bool:
    """Whether this gives the sample another mask. One that did not come from a mark stays."""
    from_mark = SentSample.objects.filter(sample=sample).exclude(mark=None).exists()
    if sample.mask == mask or (sample.mask and not from_mark):
        return False
    sample.mask = mask
    Sample.objects.filter(pk=sample.pk).update(mask=mask)
    return True


def _mask(mark: Mark) -> bytes:
    try:
        return files.read(str(mark.mask))
    except OSError as problem:
        raise Refused(
            "mask_away",
            f"The mark of {mark.inspection.filename} cannot be read: the photo stays out of the samples.",
            status=409,
        ) from problem


def _photo(row: Inspection) -> uploads.Accepted:
    """The file as received, checked like any other that becomes a sample."""
    try:
        content = files.read(str(row.original))
    except OSError as problem:
        raise Refused(
            "photo_away",
            f"The file of {row.filename} cannot be read: it stays out of the samples.",
            status=409,
        ) from problem
    try:
        return uploads.check(File(BytesIO(content), name=row.filename))
    except UnreadableImage as problem:
        raise Refused(problem.code, f"{row.filename}: {problem}") from None
