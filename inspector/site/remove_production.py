"""Removing the made-up production of a demo part, with everything that belongs to it. Nothing else is ever
deleted from the record."""

from functools import partial

from django.db import transaction
from django.db.models import PROTECT, Model, QuerySet

from inspector.categories.models import Category
from inspector.core import files
from inspector.core.errors import Conflict
from inspector.core.events import Who, record
from inspector.core.jobs import State
from inspector.core.models import SetupStep
from inspector.inspections.models import Batch, Inspection, Source
from inspector.monitoring.rebuild import rebuild
from inspector.site.events import StartEvent
from inspector.site.first_start import DEMO_SLUGS, production_step


def made_up(category: Category) -> QuerySet[Inspection]:
    """Without a query if the category is not a demo part."""
    if category.slug not in DEMO_SLUGS:
        return Inspection.objects.none()
    return Inspection.objects.filter(category=category, batch__source=Source.DEMO)


def remove_production(category: Category, *, by: Who) -> int:
    """Its photos, verdicts, reviews and files; how many photos that were. Raises Conflict "none" where there
    are none, and "still_judged" while a worker is judging them."""
    with transaction.atomic():
        rows = made_up(category)
        # Whoever decides about one of them at this moment was faster, or finds it gone.
        if not (n := len(rows.select_for_update(of=("self",)).values_list("pk"))):
            raise Conflict("none", f"{category} has no made-up production.", see=category)
        if rows.filter(state__in=[State.WAITING, State.RUNNING]).exists():
            raise Conflict("still_judged", "It is being made at this moment. Try again in a minute.")
        folders = [name.rsplit("/", 1)[0] for name in rows.values_list("original", flat=True)]
        delete_with_all(rows)
        Batch.objects.filter(category=category, source=Source.DEMO).delete()
        # Nothing is made any more, where it was still under way or had been cut off.
        SetupStep.objects.get_or_create(name=production_step(category.slug))
        rebuild()
        record(by, StartEvent.PRODUCTION_REMOVED, category, photos=n)
        transaction.on_commit(partial(_delete_folders, folders))
    return n


def delete_with_all(rows: QuerySet[Model]) -> None:
    """First what protects them, whichever app it is of."""
    for relation in rows.model._meta.related_objects:
        if relation.on_delete is PROTECT:
            others = relation.related_model._base_manager
            delete_with_all(others.filter(**{f"{relation.field.name}__in": rows.values("pk")}))
    rows.model._base_manager.filter(pk__in=list(rows.values_list("pk", flat=True))).delete()


def _delete_folders(folders: list[str]) -> None:
    for folder in folders:
        files.delete_folder(folder)
