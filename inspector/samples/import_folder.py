"""Importing a folder of photos in MVTec AD layout."""

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from PIL import Image

import detection
from detection import datasets
from detection.names import printable
from detection.photos import images, masks
from inspector.categories.archived import refuse_archived
from inspector.categories.create import create_category, slug_of
from inspector.categories.models import Category
from inspector.core import uploads
from inspector.core.errors import Conflict, NoRoom, Refused
from inspector.core.events import Who, record
from inspector.core.uploads import Rejected
from inspector.samples.events import SampleEvent
from inspector.samples.models import GOOD, Sample, Split
from inspector.samples.sample_store import SampleStore, checked_place, save_new, store_mask

CHUNK = 100
SHARED = 50  # photos looked at to find that a folder is one that was imported before
OnProgress = Callable[[int, int], None]


@dataclass(slots=True)
class Imported:
    """What became of a folder: samples added, photos that were there already, files refused and why.

    masked: how many of those that were there got their masks now.
    is_new: the category was made for it; otherwise the samples went into an existing one.
    notes: unexpected readings and omissions, in sentences.
    """

    category: Category
    is_new: bool = False
    added: int = 0
    skipped: int = 0
    masked: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def import_folder(
    folder: Path | str,
    *,
    by: Who,
    slug: str | None = None,
    name: str | None = None,
    good: Sequence[Path | str] = (),
    test: Sequence[Path | str] = (),
    on_progress: OnProgress | None = None,
) -> Imported:
    """Add the folder's photos to the category `slug` (the folder's name if none is given), made if new.

    Two folders of one name may hold two parts: without a slug, Conflict where the category of that name was
    imported from another folder that has no photo in common with this one.

    Running it again adds only what is new, and masks to samples that have none. One file is in memory at a
    time, and rows are written in small transactions: an import that was cut off (NoRoom: the disk is full)
    is completed by the next one. good, test: folders to read instead of train/good and test, as
    `datasets.scan` takes them.
    """
    try:
        dataset = datasets.scan(folder, good=good, test=test)
    except detection.BadDataset as error:
        raise Refused(error.code, str(error)) from None
    category, is_new = _category(dataset, Path(folder).resolve(), slug, name, by)
    how = masks.convention(image.mask for image in dataset.test)
    imported = Imported(category, is_new, notes=[*map(str, dataset.notes), *how.notes])
    store, waiting = SampleStore(category), list[Sample]()
    photos = list(_photos(dataset))
    try:
        for done, (split, photo) in enumerate(photos, start=1):
            sample = _take(photo, split, dataset.name_of(photo.path), how, store, imported)
            if sample:
                waiting.append(sample)
            if len(waiting) >= CHUNK:
                _save(waiting, imported)
            if on_progress:
                on_progress(done, len(photos))
    finally:
        # Even if the disk is full: what is stored has its rows, and the next import continues from there.
        try:
            _save(waiting, imported)
        finally:
            _note(imported, by)
    return imported


def _save(waiting: list[Sample], imported: Imported) -> None:
    """Others may add photos meanwhile, or archive the category."""
    added, known, rejected = save_new(imported.category, waiting)
    imported.added += len(added)
    imported.skipped += len(known)
    imported.rejected += rejected
    waiting.clear()


def _category(
    dataset: detection.Dataset, folder: Path, slug: str | None, name: str | None, by: Who
) -> tuple[Category, bool]:
    """The category the photos go to, and whether it was made for them.

    A name that is not given is made from the slug, so that three folders `plate` under three slugs are not
    three times “Plate”.
    """
    wanted = slug_of(slug or dataset.category)
    category = Category.objects.filter(slug=wanted).first()
    if category is None:
        title = name or title_of(slug or dataset.category)
        return create_category(title, slug=wanted, by=by, imported_from=str(folder)), True
    refuse_archived(category)
    elsewhere = category.imported_from not in ("", str(folder))
    if not slug and elsewhere and not _shares_photos(dataset, category):
        raise Conflict(
            "other_folder",
            f"The category “{category}” was imported from another folder, {category.imported_from}. To add "
            f"these photos to it as well, give its slug: --slug {category.slug}. For a separate category, "
            "give another --slug and --name.",
            see=category,
        )
    return category, False


def _shares_photos(dataset: detection.Dataset, category: Category) -> bool:
    """Whether it is the same folder elsewhere, moved or copied: any of its first photos is known."""
    with suppress(OSError):
        digests = {_sha256(path) for path in dataset.train[:SHARED]}
        return Sample.objects.filter(category=category, sha256__in=digests).exists()
    return False


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def title_of(folder_name: str) -> str:
    """hex_nut becomes Hex nut."""
    words = folder_name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def _photos(dataset: detection.Dataset) -> Iterator[tuple[str, detection.LabelledImage]]:
    for path in dataset.train:
        yield Split.TRAIN.value, detection.LabelledImage(path, GOOD)
    for image in dataset.test:
        yield Split.TEST.value, image


def _take(
    photo: detection.LabelledImage,
    split: str,
    name: str,
    how: masks.Convention,
    store: SampleStore,
    imported: Imported,
) -> Sample | None:
    """name: the photo's in its label's folder, sub-folders included."""
    shown = f"{split}/{photo.label}/{name}"
    try:
        split, label = checked_place(split, photo.label)
        with photo.path.open("rb") as file:
            upload = UploadedFile(file, name=photo.path.name, size=photo.path.stat().st_size)
            accepted = replace(uploads.check(upload), filename=name)
            if store.has(accepted.sha256, split, label):
                imported.skipped += 1
                _add_mask(photo, accepted.sha256, how, imported)
                return None
            # All of it, not only its header: better refused here than by the training an hour later.
            images.decode(photo.path, max_pixels=settings.MAX_UPLOAD_PIXELS)
            return store.put(accepted, split, label, _mask(photo, how, imported))
    except NoRoom:
        raise
    except (detection.UnreadableImage, Refused) as error:
        imported.rejected.append(Rejected(shown, error.code, str(error)))
    except OSError as error:
        imported.rejected.append(
            Rejected(shown, "unreadable", f"The file could not be read: {error.strerror}.")
        )
    return None


def _add_mask(photo: detection.LabelledImage, sha256: str, how: masks.Convention, imported: Imported) -> None:
    """To a sample without one: masks are often drawn after the photos were imported."""
    samples = Sample.objects.filter(category=imported.category, sha256=sha256, mask="")
    mask = _mask(photo, how, imported) if photo.mask and samples.exists() else None
    if mask:
        imported.masked += samples.update(mask=store_mask(imported.category, sha256, mask))


def _mask(photo: detection.LabelledImage, how: masks.Convention, imported: Imported) -> bytes | None:
    """The mask as PNG, 255 on the defect and otherwise 0, however it was written.

    A bad one is refused on its own; the photo is imported without it.
    """
    if photo.mask is None:
        return None
    shown = f"ground_truth/{photo.label}/{printable(masks.several(photo.mask)[0].name)}"
    try:
        marked = masks.full(photo.mask, how)
    except detection.UnreadableImage as error:
        imported.rejected.append(Rejected(shown, error.code, str(error)))
        return None
    except OSError as error:
        imported.rejected.append(
            Rejected(shown, "unreadable", f"The file could not be read: {error.strerror}.")
        )
        return None
    stored = io.BytesIO()
    Image.fromarray(marked.astype("uint8") * 255).save(stored, "PNG")
    return stored.getvalue()


def _note(imported: Imported, by: Who) -> None:
    if imported.added or imported.masked:
        counts = {"added": imported.added, "skipped": imported.skipped, "rejected": len(imported.rejected)}
        counts |= {"masks": imported.masked} if imported.masked else {}
        notes = {"notes": imported.notes} if imported.notes else {}
        with transaction.atomic():
            record(by, SampleEvent.IMPORTED, imported.category, **counts, **notes)
