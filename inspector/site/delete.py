"""Deleting a category without inspections, with everything that belongs to it."""

import shutil
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from detection.files.run_names import EXPORTS
from inspector.categories.archived import locked
from inspector.categories.events import CategoryEvent
from inspector.categories.models import Category
from inspector.core import files
from inspector.core.errors import Conflict
from inspector.core.events import Who, because_of_need, record
from inspector.inspections.models import Batch
from inspector.registry.models import Deployment, ModelVersion
from inspector.samples.models import DatasetSnapshot
from inspector.site.archive import refuse_open_run
from inspector.training.models import TrainingRun


def delete(category: Category, *, by: Who, reason: str) -> None:
    """Samples, versions, runs and files. Conflict where there are inspections: these are the record.

    Refused "no_reason" where nobody says why.
    """
    why = because_of_need(reason)
    try:
        with transaction.atomic():
            category = locked(category)
            refuse_open_run(category, "delete")
            refuse_inspected(category)
            record(by, CategoryEvent.DELETED, category, slug=category.slug, **counts(category), **why)
            _delete_rows(category)
    except (ProtectedError, IntegrityError):
        # Photos of it arrived between the check and the write: the database's references caught it.
        raise _inspected(category, category.inspections.count() or 1) from None


def refuse_inspected(category: Category) -> None:
    """Conflict when photos of it were inspected."""
    n = category.inspections.count()
    if n or Batch.objects.filter(category=category).exists():
        raise _inspected(category, n)


def _inspected(category: Category, n: int) -> Conflict:
    photos = "1 inspection" if n == 1 else f"{n:,} inspections"
    return Conflict(
        "has_inspections",
        f"{category} has {photos}. These are part of the record, so it cannot be deleted. Archive it "
        "instead; it then appears in no list, and its history is kept.",
        see=category,
    )


def counts(category: Category) -> dict[str, int]:
    """What goes with it."""
    return {
        "samples": category.samples.count(),
        "versions": category.versions.count(),
        "runs": category.runs.count(),
    }


def _delete_rows(category: Category) -> None:
    """Those that protect others first; samples and explorations go with the category."""
    artifacts = list(ModelVersion.objects.filter(category=category).values_list("sha256", flat=True))
    slug = category.slug
    for model in (TrainingRun, DatasetSnapshot, Deployment, ModelVersion):
        model._default_manager.filter(category=category).delete()
    category.delete()
    # Not before: what is rolled back must find its files.
    transaction.on_commit(partial(_delete_files, slug, artifacts))


def _delete_files(slug: str, artifacts: list[str]) -> None:
    for folder in ("samples", "versions"):
        files.delete_folder(f"{folder}/{slug}")
    runs = [(settings.RUNS_DIR, slug), *((settings.VAR_DIR, f"artifacts/{digest}") for digest in artifacts)]
    for root, name in runs:
        for path in (root / name, root / EXPORTS / name):  # and its networks as other runtimes take them
            shutil.rmtree(path, ignore_errors=True)
