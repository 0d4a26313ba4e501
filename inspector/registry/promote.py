"""Putting a version into use. Rolling back is the same: promoting a former one."""

from django.db import transaction

from inspector.categories.archived import locked
from inspector.core.errors import Conflict
from inspector.core.events import Who, because, record
from inspector.registry.deploy import begin, limits_to_begin_with
from inspector.registry.events import VersionEvent
from inspector.registry.models import Change, ModelVersion, Standing
from inspector.registry.selectors import active_version, versions


def promote(version: ModelVersion, *, by: Who, reason: str = "") -> ModelVersion:
    """From now on this version judges its category's photos; the one before it retires, both or neither."""
    why = because(reason)
    with transaction.atomic():
        # Two people who promote at once: the second one waits here and then sees the first one's choice.
        category = locked(version.category)
        version = versions().get(pk=version.pk)
        former = active_version(category)
        if version == former:
            raise Conflict("already_active", f"{version} is already the active version.")
        back = is_rollback(version, former)
        change = Change.ROLLBACK if back else Change.PROMOTION
        limits = limits_to_begin_with(version, category)
        begin(category, version, limits, change=change, by=by, reason=why.get("reason", ""))
        kind = VersionEvent.ROLLED_BACK if back else VersionEvent.PROMOTED
        record(by, kind, version, replaces=former.number if former else None, **why)
    return versions().get(pk=version.pk)


def is_rollback(version: ModelVersion, active: ModelVersion | None) -> bool:
    """Whether using it is going back: it was in use before, and is older than the one in use now.

    After a rollback the newer one is retired, too, and using it again is going forward.
    """
    retired = version.standing == Standing.RETIRED
    return retired and active is not None and version.number < active.number
