"""Putting a version into use. Rolling back is the same: promoting a former one."""

from django.db import transaction
from django.utils import timezone

from inspector.categories.archived import locked
from inspector.core.errors import Conflict
from inspector.core.events import Who, record
from inspector.registry.events import VersionEvent
from inspector.registry.models import ModelVersion, Standing
from inspector.registry.selectors import active_version


def promote(version: ModelVersion, *, by: Who) -> ModelVersion:
    """From now on this version judges its category's photos; the one before it retires, both or neither."""
    with transaction.atomic():
        # Two people who promote at once: the second one waits here and then sees the first one's choice.
        locked(version.category)
        version = ModelVersion.objects.select_related("category").get(pk=version.pk)
        if version.is_active:
            raise Conflict("already_active", f"{version} is already the active version.")
        former = active_version(version.category)
        _set_standing(former, version, by)
        kind = VersionEvent.ROLLED_BACK if is_rollback(version, former) else VersionEvent.PROMOTED
        record(by, kind, version, replaces=former.number if former else None)
        version.refresh_from_db(fields=["standing", "promoted", "promoted_by"])
    return version


def is_rollback(version: ModelVersion, active: ModelVersion | None) -> bool:
    """Whether using it is going back: it was in use before, and is older than the one in use now.

    After a rollback the newer one is retired, too, and using it again is going forward.
    """
    retired = version.standing == Standing.RETIRED
    return retired and active is not None and version.number < active.number


def _set_standing(former: ModelVersion | None, version: ModelVersion, by: Who) -> None:
    # The former one first: the database allows one active version at any moment.
    if former:
        ModelVersion.objects.filter(pk=former.pk).update(standing=Standing.RETIRED)
    ModelVersion.objects.filter(pk=version.pk).update(
        standing=Standing.ACTIVE, promoted=timezone.now(), promoted_by=by
    )
