"""Putting a version into use. Rolling back is the same: promoting a former one."""

from django.db import transaction

from inspector.categories.archived import locked
from inspector.core.errors import Conflict
from inspector.core.events import Detail, Who, because, record
from inspector.registry import objections
from inspector.registry.artifacts import refuse_damaged
from inspector.registry.deploy import begin, changed_meanwhile, limits_to_begin_with
from inspector.registry.events import VersionEvent
from inspector.registry.models import Change, ModelVersion, Standing
from inspector.registry.selectors import active_deployment, active_version, versions

COMPARE_FIRST = "Nothing was changed. Compare the two, then promote if you still want to."
ANY = 0  # no deployment has this id
ASK_AGAIN = "Promote it anyway on its page, or with `all_the_same` in the API, and say why."


def promote(
    version: ModelVersion,
    *,
    by: Who,
    reason: str = "",
    all_the_same: bool = False,
    replaces: int | None = ANY,
    just_stored: bool = False,
) -> ModelVersion:
    """From now on this version judges its category's photos, and the one before it retires: both or neither.

    replaces: id of the deployment that the person saw at work, None for none; ANY replaces whatever is there.
    just_stored: its files were written a moment ago, and are not read again.

    Raises Conflict "already_active", "changed_meanwhile", "damaged_version" where its files cannot be read,
    and "not_proven" where something speaks against it, unless it is to be promoted anyway.
    """
    why = because(reason)
    if not just_stored:
        refuse_damaged(version)  # before the category is held: they may be many megabytes
    with transaction.atomic():
        # Two people who promote at once: the second one waits here and then sees the first one's choice.
        category = locked(version.category)
        version = versions().get(pk=version.pk)
        at_work, former = active_deployment(category), active_version(category)
        if version == former:
            raise Conflict("already_active", f"{version} is already the active version.")
        if replaces not in (ANY, at_work.pk if at_work else None):
            raise changed_meanwhile(at_work, COMPARE_FIRST)
        back = is_rollback(version, former)
        against = objections_to(version, former)
        if against and not all_the_same:
            raise Conflict("not_proven", f"{' '.join(against)} {ASK_AGAIN}")
        change = Change.ROLLBACK if back else Change.PROMOTION
        limits = limits_to_begin_with(version, category, at_work)
        begin(category, version, limits, change=change, by=by, reason=why.get("reason", ""))
        kind = VersionEvent.ROLLED_BACK if back else VersionEvent.PROMOTED
        more = _against(against) | ({"fast": True} if limits.fast else {}) | why
        record(by, kind, version, replaces=former.number if former else None, **more)
    return versions().get(pk=version.pk)


def objections_to(version: ModelVersion, active: ModelVersion | None) -> list[str]:
    """What speaks against replacing the active one with it; nothing if that is a rollback."""
    return [] if is_rollback(version, active) else objections.against(version)


def _against(objected: list[str]) -> Detail:
    """For the detail of the event: what spoke against it."""
    return {"all_the_same": objected} if objected else {}


def is_rollback(version: ModelVersion, active: ModelVersion | None) -> bool:
    """Whether promoting it is a rollback: it was in use before, and is older than the one in use now.

    After a rollback the newer one is retired, too, and promoting it again is not a rollback.
    """
    retired = version.standing == Standing.RETIRED
    return retired and active is not None and version.number < active.number
