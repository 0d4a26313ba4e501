from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks


class InspectionsConfig(AppConfig):
    name = "inspector.inspections"

    def ready(self) -> None:
        from inspector.accounts.people import renamed
        from inspector.inspections.display import rename_person

        checks.register(_part_fields)
        renamed.connect(rename_person)


def _part_fields(**_: Any) -> list[checks.CheckMessage]:
    from inspector.inspections.parts import wrong_names

    wrong = wrong_names(settings.PART_FIELDS)
    return [checks.Error(f"INSPECTOR_PART_FIELDS: {wrong}", id="inspections.E001")] if wrong else []
