"""Importing a folder of photos in MVTec AD layout."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.text import slugify

import detection
from detection import datasets, images
from inspector.categories.create import create_category
from inspector.categories.models import GOOD, Category, Sample, Split
from inspector.categories.shelf import Shelf, checked_place
from inspector.core import uploads
from inspector.core.audit import Who, record
from inspector.core.errors import Refused
from inspector.core.uploads import Rejected

CHUNK = 100
OnProgress = Callable[[int, int], None]


@dataclass(slots=True)
class Imported:
    """What became of a folder: samples added, photos that were there already, files refused and why."""

    category: Category
    added: int = 0
    skipped: int = 0
    rejected: list[Rejected] = field(default_factory=list)


def import_folder(
    folder: Path | str,
    *,
    by: Who,
    slug: str | None = None,
    name: str | None = None,
    on_progress: OnProgress | None = None,
) -> Imported:
    """Add the folder's photos to the category `slug` (the folder's name if none is given), made if new.

    Running it again adds only what is new. One file is in memory at a time, and rows are written in
    small transactions: an import that was cut off is completed by the next one.
    """
    try:
        dataset = datasets.scan(folder)
    except detection.BadDataset as error:
        raise Refused(error.code, str(error)) from None
    category = _category(dataset.category, slug, name, by)
    imported, shelf, waiting = Imported(category), Shelf(category), []
    photos = list(_photos(dataset))
    for done, (split, photo) in enumerate(photos, start=1):
        sample = _take(photo, split, shelf, imported)
        if sample:
            waiting.append(sample)
        if len(waiting) >= CHUNK or done == len(photos):
            Sample.objects.bulk_create(waiting, ignore_conflicts=True)
            imported.added += len(waiting)
            waiting = []
        if on_progress:
            on_progress(done, len(photos))
    _note(imported, by)
    return imported


def _category(folder_name: str, slug: str | None, name: str | None, by: Who) -> Category:
    slug = slugify(slug or folder_name)
    found = Category.objects.filter(slug=slug).first()
    return found or create_category(name or _title(folder_name), slug=slug, by=by)


def _title(folder_name: str) -> str:
    """hex_nut becomes Hex nut."""
    words = folder_name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def _photos(dataset: detection.Dataset) -> Iterator[tuple[str, detection.LabelledImage]]:
    for path in dataset.train:
        yield Split.TRAIN.value, detection.LabelledImage(path, GOOD)
    for image in dataset.test:
        yield Split.TEST.value, image


def _take(photo: detection.LabelledImage, split: str, shelf: Shelf, imported: Imported) -> Sample | None:
    shown = f"{split}/{photo.label}/{photo.path.name}"
    try:
        split, label = checked_place(split, photo.label)
        with photo.path.open("rb") as file:
            upload = UploadedFile(file, name=photo.path.name, size=photo.path.stat().st_size)
            accepted = uploads.check(upload)
            if shelf.has(accepted.sha256, split, label):
                imported.skipped += 1
                return None
            # Whole, not its header only: better told here than by the training an hour later.
            images.decode(photo.path, max_pixels=settings.MAX_UPLOAD_PIXELS)
            return shelf.put(accepted, split, label, _mask(photo, imported))
    except (detection.UnreadableImage, Refused) as error:
        imported.rejected.append(Rejected(shown, error.code, str(error)))
    except OSError as error:
        imported.rejected.append(
            Rejected(shown, "unreadable", f"The file could not be read: {error.strerror}.")
        )
    return None


def _mask(photo: detection.LabelledImage, imported: Imported) -> "File[bytes] | None":
    """The mask as PNG; a bad one is refused on its own, the photo is taken without it."""
    if photo.mask is None:
        return None
    try:
        mask = images.decode(photo.mask, max_pixels=settings.MAX_UPLOAD_PIXELS).convert("L")
    except detection.UnreadableImage as error:
        shown = f"ground_truth/{photo.label}/{photo.mask.name}"
        imported.rejected.append(Rejected(shown, error.code, str(error)))
        return None
    stored = io.BytesIO()
    mask.save(stored, "PNG")
    return ContentFile(stored.getvalue())


def _note(imported: Imported, by: Who) -> None:
    if imported.added:
        counts = {"added": imported.added, "skipped": imported.skipped, "rejected": len(imported.rejected)}
        with transaction.atomic():
            record(by, "import samples", imported.category, **counts)
