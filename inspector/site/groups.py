"""Groups in the database, made from `site.roles` after every migration. Safe to run again."""

from typing import Any

from django.apps import AppConfig, apps
from django.db.models import F, Value
from django.db.models.functions import Concat

from inspector.core.roles import Role
from inspector.site.roles import permissions_of


def make_groups(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Each role's group holds exactly the permissions of the table.

    Django signals this once for every app, and the permissions of later apps come later: until all of
    them exist there is nothing to grant.
    """
    wanted = permissions_of(Role.ADMIN)
    known = _permissions(wanted, using)
    if len(known) < len(wanted):
        return
    groups = apps.get_model("auth.Group")._default_manager.using(using)
    for role in Role:
        group, _ = groups.get_or_create(name=role.value)
        group.permissions.set([known[name] for name in permissions_of(role)])


def _permissions(names: set[str], using: str) -> dict[str, Any]:
    # Not imported: this module is loaded before the models are.
    permissions = apps.get_model("auth.Permission")._default_manager.using(using)
    spelled = Concat(F("content_type__app_label"), Value("."), F("codename"))
    wanted = permissions.annotate(spelled=spelled).filter(spelled__in=names)
    return {permission.spelled: permission for permission in wanted}
